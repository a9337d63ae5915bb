"""The box that a product comes in, open and seen from above: lid, walls and tissue paper."""

import random

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import darken, lighten, luminance, mix
from catalog.art.marks import draw_mark
from catalog.art.spec import ArtSpec

_RIM = ((56.0, 22.0), (444.0, 22.0), (444.0, 378.0), (56.0, 378.0))
_FLOOR = ((92.0, 58.0), (408.0, 58.0), (408.0, 346.0), (92.0, 346.0))
# How much each wall, clockwise from the upper one, lies in shade; the light comes from above left.
_SHADES = (0.5, 0.12, 0.02, 0.36)
WITHIN = "translate(250 202) scale(.7) translate(-250 -200)"
"""The transform that lays a drawing of the whole canvas into the box."""


def draw_box(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the open box of `spec`, in the product's own colours, ready for the product to lie in it."""
    card = _card(spec)
    _draw_lid(canvas, spec, card)
    rim = _closed(*_RIM)
    canvas.shadow(rim, 7, 0.3)
    canvas.path(rim, lighten(card, 0.16)).line(rim, darken(card, 0.5), 1, 0.6)
    inside = tuple((x + (5 if x < 250 else -5), y + (5 if y < 200 else -5)) for x, y in _RIM)
    for turn, shade in enumerate(_SHADES):
        after = (turn + 1) % 4
        wall = _closed(inside[turn], inside[after], _FLOOR[after], _FLOOR[turn])
        canvas.path(wall, darken(card, shade)).line(wall, darken(card, 0.6), 0.8, 0.5)
    canvas.path(_closed(*_FLOOR), darken(card, 0.45))
    canvas.begin(canvas.clip(_closed(*inside)))
    _draw_tissue(canvas, spec)
    canvas.end()


def _card(spec: ArtSpec) -> str:
    """The cardboard's colour: the panel's, calmed; never so light that it vanishes on the backdrop."""
    card = mix(spec.colourway.panel, "#8d8f94", 0.12)
    return card if luminance(card) < 0.6 else mix(card, spec.colourway.accent, 0.55)


def _closed(*corners: Point) -> str:
    return trace("M", corners[0], *(step for corner in corners[1:] for step in ("L", corner)), "Z")


def _draw_lid(canvas: Canvas, spec: ArtSpec, card: str) -> None:
    """The lid lies half below the box; its corner shows with the mark on it."""
    lid = _closed((300, 34), (494, 68), (440, 356), (246, 322))
    canvas.shadow(lid, 5, 0.24)
    canvas.path(lid, canvas.linear([(0, lighten(card, 0.1)), (1, darken(card, 0.22))], (0, 0), (1, 1)))
    canvas.line(lid, darken(card, 0.5), 1, 0.5)
    ink = lighten(card, 0.55) if luminance(card) < 0.4 else darken(card, 0.6)
    draw_mark(canvas, spec.mark, (465, 116), 30, ink, turn=10)


def _draw_tissue(canvas: Canvas, spec: ArtSpec) -> None:
    """Tissue paper over the floor and up the walls, its edge and creases as the SKU has them."""
    paper = mix("#f7f5f0", spec.colourway.accent, 0.07)
    rng = spec.random("tissue")
    sheet = _sheet(rng, 22)
    canvas.shadow(sheet, 3, 0.25)
    canvas.path(sheet, canvas.linear([(0, lighten(paper, 0.4)), (1, darken(paper, 0.14))], (0, 0), (1, 1)))
    upper = _sheet(rng, 2)
    canvas.shadow(upper, 1.5, 0.14)
    canvas.path(
        upper, canvas.linear([(0, paper), (0.6, lighten(paper, 0.6)), (1, darken(paper, 0.08))], (0, 0), (1, 1))
    )
    canvas.line(_creases(rng), darken(paper, 0.5), 1, 0.18)
    canvas.line(_creases(rng), "#ffffff", 1.2, 0.8)


def _sheet(rng: random.Random, reach: float) -> str:
    """A torn, many-cornered sheet that covers the floor and reaches about `reach` beyond it."""
    (left, top), (right, bottom) = _FLOOR[0], _FLOOR[2]
    corners: list[Point] = []
    for start, end in (((left, top), (right, top)), ((right, top), (right, bottom)),
                       ((right, bottom), (left, bottom)), ((left, bottom), (left, top))):  # fmt: skip
        for share in (0.0, 0.22, 0.5, 0.76):
            x, y = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
            out = reach * rng.uniform(0.35, 1.0)
            corners.append((x + (out if x > 250 else -out), y + (out if y > 200 else -out)))
    return _closed(*corners)


def _creases(rng: random.Random) -> str:
    """Fine broken lines over the whole sheet."""
    lines = []
    for _ in range(14):
        x, y = rng.uniform(80, 390), rng.uniform(50, 330)
        bend = (rng.randint(8, 30), rng.randint(-22, 22), rng.randint(6, 24), rng.randint(-18, 18))
        lines.append(trace("M", (x, y), f"l{bend[0]} {bend[1]}l{bend[2]} {bend[3]}"))
    return "".join(lines)
