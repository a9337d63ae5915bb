"""A small SVG writer: paths, gradients, tiles and clips whose ids carry one prefix."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from xml.sax.saxutils import escape

WIDTH = 500
HEIGHT = 400

Point = tuple[float, float]
Stop = tuple[float, str] | tuple[float, str, float]
Frame = tuple[float, float, float]
"""Left, top and width of what is shown; the height follows from the picture's shape."""


def number(value: float) -> str:
    """A coordinate with at most one decimal and no trailing zero."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def trace(*steps: str | Point) -> str:
    """Path data from commands and points: `trace("M", (0, 0), "L", (10, 5), "Z")`."""
    written, follows_number = [], False
    for step in steps:
        if isinstance(step, str):
            written.append(step)
            follows_number = step[-1:].isdigit()
        else:
            written.append(f"{' ' if follows_number else ''}{number(step[0])} {number(step[1])}")
            follows_number = True
    return "".join(written)


def along(curve: Sequence[Point], share: float) -> Point:
    """The point at `share` (0..1) of a cubic Bezier curve given by its four points."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    return (
        sum(w * p[0] for w, p in zip(weights, curve, strict=True)),
        sum(w * p[1] for w, p in zip(weights, curve, strict=True)),
    )


def shift(curve: Sequence[Point], dx: float, dy: float) -> list[Point]:
    """The same points moved by (`dx`, `dy`)."""
    return [(x + dx, y + dy) for x, y in curve]


@dataclass(frozen=True, slots=True)
class _Shape:
    """One use of path data; data used more than once is written once and referred to."""

    data: str
    attributes: str


class Canvas:
    """Collects shapes in painting order and writes them as one standalone SVG document."""

    def __init__(self, sku: str) -> None:
        self._prefix = "p" + re.sub(r"[^a-z0-9]", "", sku.lower())
        self._defs: list[str] = []
        self._shapes: list[str | _Shape] = []
        self._clips: list[tuple[str, str]] = []
        self._known: dict[str, str] = {}

    def linear(self, stops: Sequence[Stop], start: Point = (0, 0), end: Point = (0, 1)) -> str:
        """A linear gradient over the painted shape's own box; returns its paint reference."""
        (x1, y1), (x2, y2) = start, end
        head = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
        return self._define("linearGradient", head, _stops(stops))

    def radial(self, stops: Sequence[Stop], centre: Point = (0.5, 0.5), radius: float = 0.5) -> str:
        """A radial gradient over the painted shape's own box; returns its paint reference."""
        head = f'cx="{centre[0]:g}" cy="{centre[1]:g}" r="{radius:g}"'
        return self._define("radialGradient", head, _stops(stops))

    def tile(self, width: float, height: float, content: str, turn: float = 0) -> str:
        """A repeating tile, turned by `turn` degrees; returns its paint reference."""
        head = f'width="{number(width)}" height="{number(height)}" patternUnits="userSpaceOnUse"'
        if turn:
            head += f' patternTransform="rotate({number(turn)})"'
        return self._define("pattern", head, content)

    def clip(self, data: str) -> str:
        """A clip made of one path; returns the reference that `begin` takes."""
        name = f"{self._prefix}-c{len(self._clips)}"
        self._clips.append((name, data))
        return f"url(#{name})"

    def _define(self, tag: str, head: str, content: str) -> str:
        key = f"{tag} {head}>{content}"
        if key not in self._known:
            name = f"{self._prefix}-{len(self._known)}"
            self._defs.append(f'<{tag} id="{name}" {head}>{content}</{tag}>')
            self._known[key] = f"url(#{name})"
        return self._known[key]

    def path(self, data: str, fill: str, opacity: float = 1) -> Self:
        """A filled path."""
        return self._use(data, f' fill="{fill}"{_opacity(opacity)}')

    def shadow(self, data: str, drop: float, opacity: float) -> Self:
        """The shape's own dark copy, `drop` units lower."""
        return self._use(data, f' transform="translate(0 {drop:g})" opacity="{opacity:g}"')

    def line(self, data: str, colour: str, width: float = 1, opacity: float = 1, dash: str = "") -> Self:
        """A stroked path with round ends, dashed when `dash` is given."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return self._use(
            data, f' fill="none" stroke="{colour}" stroke-width="{number(width)}"{dashes}{_opacity(opacity)}'
        )

    def stitch(self, data: str, colour: str, opacity: float = 0.75) -> Self:
        """A seam: a fine dashed line."""
        return self.line(data, colour, 1.1, opacity, "2.4 2.8")

    def ellipse(self, centre: Point, rx: float, ry: float, fill: str, opacity: float = 1) -> Self:
        """A filled ellipse."""
        return self.add(
            f'<ellipse cx="{number(centre[0])}" cy="{number(centre[1])}" rx="{number(rx)}"'
            f' ry="{number(ry)}" fill="{fill}"{_opacity(opacity)}/>'
        )

    def ticks(
        self, centre: Point, radius: float, count: int, *, length: float, width: float, colour: str, opacity: float = 1
    ) -> Self:
        """`count` equal radial ticks, `length` long and centred on a circle of `radius`: one dashed circle."""
        share = width * count / (2 * math.pi * radius)
        return self.add(
            f'<circle cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}" fill="none"'
            f' stroke="{colour}" stroke-width="{number(length)}" stroke-linecap="butt" pathLength="{count}"'
            f' stroke-dasharray="{share:.3f} {1 - share:.3f}" stroke-dashoffset="{share / 2:.3f}"{_opacity(opacity)}/>'
        )

    def dots(self, centres: Sequence[Point], radius: float, colour: str, opacity: float = 1) -> Self:
        """Many equal round dots as one path of zero-length strokes with round caps."""
        data = "".join(f"M{number(x)} {number(y)}h0" for x, y in centres)
        return self.add(f'<path d="{data}" stroke="{colour}" stroke-width="{number(radius * 2)}"{_opacity(opacity)}/>')

    def begin(self, clip: str = "", transform: str = "") -> Self:
        """Open a group, clipped or transformed."""
        cut = f' clip-path="{clip}"' if clip else ""
        move = f' transform="{transform}"' if transform else ""
        return self.add(f"<g{cut}{move}>")

    def end(self) -> Self:
        """Close the group last opened."""
        return self.add("</g>")

    def add(self, markup: str) -> Self:
        """Append finished markup."""
        self._shapes.append(markup)
        return self

    def document(self, title: str, frame: Frame = (0, 0, WIDTH)) -> str:
        """The whole SVG document with `title` as its accessible name, or the part of it inside `frame`."""
        uses = Counter(shape.data for shape in self._shapes if isinstance(shape, _Shape))
        uses.update(data for _, data in self._clips)
        shared = {
            data: f"{self._prefix}-s{place}"
            for place, (data, count) in enumerate(uses.items())
            if count > 1 and len(data) > 40
        }
        defs = [f'<path id="{name}" d="{data}"/>' for data, name in shared.items()]
        for name, data in self._clips:
            defs.append(f'<clipPath id="{name}">{_written(_Shape(data, ""), shared)}</clipPath>')
        body = (shape if isinstance(shape, str) else _written(shape, shared) for shape in self._shapes)
        left, top, width = (f"{value:g}" for value in frame)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {frame[2] * HEIGHT / WIDTH:g}"'
            f' width="{WIDTH}" height="{HEIGHT}" role="img" stroke-linecap="round" stroke-linejoin="round">'
            f"<title>{escape(title)}</title><defs>{''.join(defs)}{''.join(self._defs)}</defs>{''.join(body)}</svg>"
        )

    def _use(self, data: str, attributes: str) -> Self:
        self._shapes.append(_Shape(data, attributes))
        return self


def _written(shape: _Shape, shared: dict[str, str]) -> str:
    if shape.data in shared:
        return f'<use href="#{shared[shape.data]}"{shape.attributes}/>'
    return f'<path d="{shape.data}"{shape.attributes}/>'


def _stops(stops: Sequence[Stop]) -> str:
    written = []
    for stop in stops:
        opacity = f' stop-opacity="{stop[2]:g}"' if len(stop) == 3 else ""
        written.append(f'<stop offset="{stop[0]:g}" stop-color="{stop[1]}"{opacity}/>')
    return "".join(written)


def _opacity(opacity: float) -> str:
    return "" if opacity >= 1 else f' opacity="{opacity:g}"'
