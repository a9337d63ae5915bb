"""The wristwatch, seen from the front: chronograph, diver, dress, field and cushion shapes."""

import math

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import contrast, darken, lighten
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_panel, thread

CENTRE: Point = (250, 200)
_METALS = {"steel": "#c3c8cf", "black": "#3a3e46", "gold": "#d9b56a", "rose": "#d8a48c"}


def draw_watch(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the watch of `spec`: strap, case, bezel, dial, markers, hands and glass."""
    metal = _METALS[_metal_of(spec)]
    radius = 80 + 10 * spec.silhouette.height
    soft = canvas.radial([(0, "#15171c", 0.42), (0.65, "#15171c", 0.2), (1, "#15171c", 0)])
    canvas.ellipse((262, 214), radius * 1.5, radius * 1.42, soft)
    canvas.ellipse((258, 206), 62, 210, soft, 0.6)
    _draw_strap(canvas, spec, radius)
    _draw_case(canvas, spec, radius, metal)
    _draw_dial(canvas, spec, radius * (0.84 - 0.16 * spec.silhouette.thickness))
    _draw_glass(canvas, radius * (0.84 - 0.16 * spec.silhouette.thickness))


def _metal_of(spec: ArtSpec) -> str:
    choices = {"brown": "rose", "orange": "rose", "pink": "rose", "black": "black", "yellow": "gold"}
    if spec.silhouette.name == "dress":
        return "gold"
    return choices.get(spec.colourway.family, "steel")


def _polar(turn: float, radius: float) -> Point:
    """The point at `turn` (0..1 clockwise from twelve) and `radius` from the dial's centre."""
    angle = turn * math.tau
    return CENTRE[0] + radius * math.sin(angle), CENTRE[1] - radius * math.cos(angle)


def _draw_strap(canvas: Canvas, spec: ArtSpec, radius: float) -> None:
    colour, half = spec.colourway.panel, 38 + 5 * spec.silhouette.height
    for sign in (-1, 1):
        near, far = CENTRE[1] + sign * (radius - 12), CENTRE[1] + sign * 188
        data = trace(
            "M", (250 - half, near), "C", (250 - half, near + sign * 40), (218, far - sign * 50), (217, far),
            "Q", (250, far + sign * 9), (283, far), "C", (282, far - sign * 50), (250 + half, near + sign * 40),
            (250 + half, near), "Z",
        )  # fmt: skip
        draw_panel(canvas, data, colour)
        round_off = canvas.linear([(0, "#0b0d12", 0.42), (0.25, "#ffffff", 0.1), (0.5, "#ffffff", 0.16),
                                   (0.8, "#0b0d12", 0.08), (1, "#0b0d12", 0.46)], (0, 0), (1, 0))  # fmt: skip
        canvas.path(data, round_off)
        for side in (-1, 1):
            x = 250 + side * (half - 7)
            seam = trace("M", (x, near), "C", (x, near + sign * 40), (250 + side * 27, far - sign * 50),
                         (250 + side * 26, far - sign * 4))  # fmt: skip
            if spec.silhouette.detail in (0, 2):
                canvas.stitch(seam, thread(colour), 0.9)
        if spec.silhouette.detail in (1, 3):
            for step in range(3):
                y = CENTRE[1] + sign * (radius + 34 + 22 * step)
                canvas.line(trace("M", (230, y), "L", (270, y)), "#0b0d12", 5, 0.3)
        else:
            holes = [(250.0, CENTRE[1] + radius + 40 + 17 * step) for step in range(4)] if sign > 0 else []
            canvas.dots(holes, 2.6, "#0b0d12", 0.6)


def _metal_paint(canvas: Canvas, metal: str, *, across: bool = False) -> str:
    stops = [
        (0, lighten(metal, 0.75)), (0.2, metal), (0.42, lighten(metal, 0.5)), (0.62, darken(metal, 0.25)),
        (0.82, lighten(metal, 0.2)), (1, darken(metal, 0.5)),
    ]  # fmt: skip
    return canvas.linear(stops, (0, 0), (1, 0.25) if across else (0.8, 1))


def _draw_case(canvas: Canvas, spec: ArtSpec, radius: float, metal: str) -> None:
    shape, paint = spec.silhouette, _metal_paint(canvas, metal)
    half = 38 + 5 * shape.height
    for x in (-1, 1):
        for y in (-1, 1):
            corners = (
                (half - 2, radius + 15),
                (half + 15, radius + 10),
                (half + 26, radius - 40),
                (half - 6, radius - 26),
            )
            first, *rest = ((250 + x * dx, 200 + y * dy) for dx, dy in corners)
            lug = trace("M", first, "L", *rest, "Z")
            canvas.path(lug, paint).line(lug, darken(metal, 0.6), 0.8, 0.6)
    _draw_crown(canvas, spec, radius, metal)
    if shape.detail == 3:
        r = radius + 4
        cushion = trace("M", (250 - r, 200), "C", (250 - r, 200 - r * 0.86), (250 - r * 0.86, 200 - r), (250, 200 - r),
                        "S", (250 + r, 200 - r * 0.86), (250 + r, 200), "S", (250 + r * 0.86, 200 + r), (250, 200 + r),
                        "S", (250 - r, 200 + r * 0.86), (250 - r, 200), "Z")  # fmt: skip
        canvas.path(cushion, paint).line(cushion, darken(metal, 0.6), 0.9, 0.6)
    canvas.ellipse(CENTRE, radius, radius, paint).ellipse(CENTRE, radius * 0.965, radius * 0.965, darken(metal, 0.35))
    bezel = spec.colourway.base if shape.split == 1 else metal
    canvas.ellipse(CENTRE, radius * 0.95, radius * 0.95, _metal_paint(canvas, bezel, across=True))
    if shape.split == 1 or shape.thickness >= 0.5:
        _draw_scale(canvas, radius * 0.9, "#ffffff" if contrast(bezel, "#ffffff") > 3 else "#1d2026")


def _draw_crown(canvas: Canvas, spec: ArtSpec, radius: float, metal: str) -> None:
    paint = canvas.linear([(0, darken(metal, 0.3)), (0.35, lighten(metal, 0.6)), (0.7, metal), (1, darken(metal, 0.5))])
    x = 250 + radius - 3
    rows: list[tuple[float, int, int]] = [(200, 11, 15)]
    if spec.silhouette.split == 0:
        rows += [(200 - radius * 0.45, 8, 12), (200 + radius * 0.45, 8, 12)]
    for y, half, reach in rows:
        left = x if y == 200 else x - radius * 0.11
        canvas.add(
            f'<rect x="{left:.1f}" y="{y - half:.1f}" width="{reach}" height="{half * 2}" rx="3.5" fill="{paint}"'
            f' stroke="{darken(metal, 0.6)}" stroke-width=".8"/>'
        )


def _draw_scale(canvas: Canvas, radius: float, ink: str) -> None:
    canvas.ticks(CENTRE, radius - 3, 60, length=5, width=1.2, colour=ink, opacity=0.75)
    canvas.ticks(CENTRE, radius - 4, 12, length=8, width=2, colour=ink, opacity=0.9)
    canvas.path(trace("M", _polar(-0.012, radius), "L", _polar(0.012, radius), "L", _polar(0, radius - 8), "Z"), ink)


def _draw_dial(canvas: Canvas, spec: ArtSpec, radius: float) -> None:
    colours, shape = spec.colourway, spec.silhouette
    face = canvas.radial([(0, lighten(colours.base, 0.22)), (0.6, colours.base), (1, darken(colours.base, 0.34))],
                         (0.42, 0.36), 0.72)  # fmt: skip
    half_turn = f"a{radius:.1f} {radius:.1f} 0 1 1"
    disc = f"{trace('M', (250 - radius, 200))}{half_turn} {radius * 2:.1f} 0{half_turn} {-radius * 2:.1f} 0Z"
    canvas.ellipse(CENTRE, radius + 2, radius + 2, "#0b0d12", 0.6).path(disc, face)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    if paint:
        canvas.path(disc, paint, 0.7)
    ink = "#f6f4ee" if contrast(colours.base, "#f6f4ee") > contrast(colours.base, "#1d2026") else "#1d2026"
    _draw_markers(canvas, spec, radius, ink)
    if shape.split == 0:
        for turn in (0.25, 0.5, 0.75):
            _draw_subdial(canvas, _polar(turn, radius * 0.46), radius * 0.25, colours.panel)
    draw_mark(canvas, spec.mark, (250, 200 - radius * 0.44), 26, colours.accent)
    if shape.split in (1, 3):
        x, y = _polar(0.25, radius * 0.66)
        canvas.add(
            f'<rect x="{x - 9:.1f}" y="{y - 7:.1f}" width="18" height="14" rx="2" fill="#f8f7f2" stroke="#7b7f86"/>'
        )
        canvas.line(trace("M", (x - 3, y - 3), "v6M", (x + 3, y - 3), "v6"), "#1d2026", 1.6)
    _draw_hands(canvas, spec, radius, ink)


def _draw_markers(canvas: Canvas, spec: ArtSpec, radius: float, ink: str) -> None:
    canvas.ticks(CENTRE, radius * 0.935, 60, length=radius * 0.05, width=0.9, colour=ink, opacity=0.65)
    long, width = (0.7, 2.2) if spec.silhouette.split == 2 else (0.74, 4.4)
    if spec.silhouette.split == 1:
        canvas.dots([_polar(turn / 12, radius * 0.8) for turn in range(12) if turn % 3], 4.6, ink)
        bars = [turn for turn in range(12) if turn % 3 == 0]
    else:
        bars = list(range(12))
    data = "".join(trace("M", _polar(t / 12, radius * 0.88), "L", _polar(t / 12, radius * long)) for t in bars)
    canvas.line(data, "#0b0d12", width + 1, 0.25).line(data, ink, width)


def _draw_subdial(canvas: Canvas, centre: Point, radius: float, colour: str) -> None:
    canvas.ellipse(centre, radius + 1.2, radius + 1.2, "#0b0d12", 0.4)
    canvas.ellipse(centre, radius, radius, canvas.radial([(0, darken(colour, 0.2)), (1, colour)]))
    tone = "#f6f4ee" if contrast(colour, "#f6f4ee") > contrast(colour, "#1d2026") else "#1d2026"
    canvas.ticks(centre, radius * 0.82, 12, length=radius * 0.2, width=1, colour=tone, opacity=0.8)
    canvas.line(trace("M", centre, "L", (centre[0] + radius * 0.4, centre[1] - radius * 0.55)), tone, 1.5)


def _draw_hands(canvas: Canvas, spec: ArtSpec, radius: float, ink: str) -> None:
    hour, minute = (
        trace("M", CENTRE, "L", _polar(10.14 / 12, radius * 0.5)),
        trace("M", CENTRE, "L", _polar(8.6 / 60, radius * 0.76)),
    )
    wide = 3.4 if spec.silhouette.split == 2 else 6
    for data, width in ((hour, wide + 0.8), (minute, wide)):
        canvas.begin(transform="translate(1.5 2)").line(data, "#0b0d12", width, 0.3).end()
        canvas.line(data, ink, width).line(data, darken(ink, 0.35) if ink != "#1d2026" else "#565c66", width * 0.25)
    second = trace("M", _polar(0.6, radius * -0.84), "L", _polar(0.6, radius * 0.22))
    canvas.line(second, spec.colourway.accent, 1.6)
    canvas.dots([CENTRE], 4.6, spec.colourway.accent).dots([CENTRE], 1.8, "#0b0d12")


def _draw_glass(canvas: Canvas, radius: float) -> None:
    sheen = canvas.linear([(0, "#ffffff", 0.34), (0.5, "#ffffff", 0.04), (1, "#ffffff", 0)], (0.1, 0), (0.7, 1))
    data = trace(
        "M", _polar(0.82, radius), "C", _polar(0.92, radius * 1.08), _polar(0.02, radius * 1.16), _polar(0.12, radius),
        "C", _polar(0.08, radius * 0.4), _polar(0.86, radius * 0.2), _polar(0.82, radius), "Z",
    )  # fmt: skip
    canvas.path(data, sheen)
