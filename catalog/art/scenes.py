"""Small landscapes for screens and cards: dawn, coast, city and orbit, in the product's own colours."""

import random

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import darken, lighten, luminance, mix
from catalog.art.palettes import Colourway
from catalog.art.spec import ArtSpec

SCENES = ("dawn", "coast", "city", "orbit")


def draw_scene(canvas: Canvas, spec: ArtSpec, centre: Point, width: float, height: float) -> None:
    """Paint one of `SCENES`, chosen by the SKU, over the box around `centre`; the caller clips it.

    Args:
        canvas: where to paint.
        spec: the colours, and the SKU that decides scene and skyline.
        centre: the middle of the box.
        width: of the box, in units of the canvas.
        height: of the box, in units of the canvas.
    """
    rng = spec.random("scene")
    painters = (_draw_dawn, _draw_coast, _draw_city, _draw_orbit)
    x, y = centre[0] - width / 2, centre[1] - height / 2
    rng.choice(painters)(canvas, spec.colourway, rng, (x, y), (width, height))


def _hues(colours: Colourway) -> tuple[str, str, str]:
    """Sky, glow and ground: saturated enough to look lit, whatever the product's own colours are."""
    sky = next((c for c in (colours.base, colours.panel, colours.accent) if 0.03 < luminance(c) < 0.5), "#34507c")
    glow = mix(next((c for c in (colours.accent, colours.panel) if luminance(c) > 0.3), "#f2c27a"), "#ffd9a0", 0.45)
    return sky, glow, darken(mix(sky, "#1b2440", 0.4), 0.35)


def _sky(canvas: Canvas, at: Point, size: Point, stops: tuple[str, str, str]) -> None:
    paint = canvas.linear([(0, stops[0]), (0.6, stops[1]), (1, stops[2])])
    canvas.add(f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}" fill="{paint}"/>')


def _ridge(at: Point, size: Point, level: float, peaks: list[float]) -> str:
    """A closed ridge over the box's foot: `peaks` are heights (shares of the box) at even steps."""
    step = size[0] / (len(peaks) - 1)
    points = [(at[0] + step * n, at[1] + size[1] * (level - peak)) for n, peak in enumerate(peaks)]
    low = at[1] + size[1] + 2
    return trace("M", (at[0] - 2, low), "L", *points, (at[0] + size[0] + 2, low), "Z")


def _draw_dawn(canvas: Canvas, colours: Colourway, rng: random.Random, at: Point, size: Point) -> None:
    sky, glow, ground = _hues(colours)
    _sky(canvas, at, size, (darken(sky, 0.25), mix(sky, glow, 0.55), lighten(glow, 0.3)))
    sun = (at[0] + size[0] * rng.uniform(0.3, 0.7), at[1] + size[1] * 0.56)
    canvas.ellipse(sun, size[1] * 0.4, size[1] * 0.4, canvas.radial([(0, glow, 0.9), (1, glow, 0.0)]))
    canvas.ellipse(sun, size[1] * 0.17, size[1] * 0.17, lighten(glow, 0.55))
    for level, tone in ((0.82, 0.5), (0.98, 0.0)):
        peaks = [rng.uniform(0.02, 0.3) for _ in range(7)]
        canvas.path(_ridge(at, size, level, peaks), mix(ground, glow, tone))


def _draw_coast(canvas: Canvas, colours: Colourway, rng: random.Random, at: Point, size: Point) -> None:
    sky, glow, ground = _hues(colours)
    _sky(canvas, at, size, (mix(sky, "#ffffff", 0.3), lighten(glow, 0.35), glow))
    line = at[1] + size[1] * 0.62
    canvas.ellipse((at[0] + size[0] * rng.uniform(0.25, 0.75), line), size[1] * 0.2, size[1] * 0.2, lighten(glow, 0.6))
    sea = trace("M", (at[0] - 2, line), "l", (size[0] + 4, 0), (0, size[1]), (-size[0] - 4, 0), "Z")
    canvas.path(sea, canvas.linear([(0, mix(sky, glow, 0.3)), (0.5, ground)]))
    for turn in range(6):
        x, y = at[0] + size[0] * rng.random(), line + size[1] * (0.04 + 0.055 * turn)
        canvas.line(trace("M", (x, y), "l", (size[0] * 0.12, 0)), lighten(glow, 0.4), 1.6, 0.6)
    canvas.path(_ridge(at, size, 1.0, [0.3, 0.36, 0.2, 0.05, 0.0, 0.0, 0.0]), darken(ground, 0.3))


def _draw_city(canvas: Canvas, colours: Colourway, rng: random.Random, at: Point, size: Point) -> None:
    sky, glow, ground = _hues(colours)
    _sky(canvas, at, size, (darken(sky, 0.6), darken(sky, 0.15), mix(sky, glow, 0.7)))
    lights: list[Point] = []
    for tone, low, high in ((0.3, 0.34, 0.62), (0.0, 0.14, 0.4)):
        data, x = "", at[0] - 2
        while x < at[0] + size[0]:
            wide, tall = size[0] * rng.uniform(0.07, 0.13), size[1] * rng.uniform(low, high)
            foot = at[1] + size[1] + 2
            data += trace("M", (x, foot), "l", (0, -tall), (wide, 0), (0, tall), "Z")
            lights += [(x + wide * 0.3, foot - tall * 0.8), (x + wide * 0.7, foot - tall * rng.uniform(0.3, 0.6))]
            x += wide + 1
        canvas.path(data, mix(darken(ground, 0.35), glow, tone * 0.6))
    canvas.dots(lights, max(1.0, size[1] * 0.009), lighten(glow, 0.4), 0.9)


def _draw_orbit(canvas: Canvas, colours: Colourway, rng: random.Random, at: Point, size: Point) -> None:
    sky, glow, ground = _hues(colours)
    _sky(canvas, at, size, ("#0c0f1c", darken(sky, 0.72), darken(sky, 0.4)))
    stars = [(at[0] + size[0] * rng.random(), at[1] + size[1] * rng.random()) for _ in range(26)]
    canvas.dots(stars, 0.8, "#ffffff", 0.85)
    big = (at[0] + size[0] * rng.uniform(0.3, 0.7), at[1] + size[1] * 1.02)
    reach = size[1] * 0.5
    canvas.ellipse(big, reach * 1.3, reach * 1.3, canvas.radial([(0.6, glow, 0.5), (1, glow, 0.0)]))
    globe = canvas.radial([(0, lighten(sky, 0.35)), (0.6, sky), (1, ground)], (0.36, 0.2), 0.8)
    canvas.ellipse(big, reach, reach, globe)
    moon = (at[0] + size[0] * rng.choice((0.18, 0.82)), at[1] + size[1] * 0.24)
    canvas.ellipse(moon, size[1] * 0.075, size[1] * 0.075, lighten(glow, 0.3))
