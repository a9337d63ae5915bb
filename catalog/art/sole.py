"""A shoe's sole from below, toe to the right: its rim, its rubber and the tread of its kind."""

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import contrast, darken, lighten
from catalog.art.marks import draw_mark
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow

_BALL: Point = (362, 197)


def draw_sole(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the sole of `spec`: slimmer for racers, broader for platforms, with the tread of its category."""
    shape, colours = spec.silhouette, spec.colourway
    broad = 1 + 0.12 * shape.thickness
    draw_floor_shadow(canvas, (252, 306), 210, 22)
    rim, rubber = _outline(1.0, broad), _outline(0.93, broad * 0.95)
    canvas.shadow(rim, 5, 0.28)
    canvas.path(
        rim, canvas.linear([(0, lighten(colours.sole, 0.3)), (0.5, colours.sole), (1, darken(colours.sole, 0.3))])
    )
    canvas.line(rim, darken(colours.sole, 0.55), 1, 0.5)
    canvas.path(rubber, colours.outsole)
    canvas.begin(canvas.clip(rubber))
    groove = _groove(colours.outsole)
    _TREADS[spec.category](canvas, groove, shape.split)
    _draw_arch(canvas, spec)
    light = [(0, "#ffffff", 0.2), (0.45, "#ffffff", 0.0), (0.6, "#0b0d12", 0.0), (1, "#0b0d12", 0.34)]
    canvas.path(rubber, canvas.linear(light)).end()
    canvas.line(rubber, darken(colours.outsole, 0.6), 1.1, 0.6)


def _outline(along: float, across: float) -> str:
    """The foot's outline around (250, 200), shrunk lengthwise by `along` and crosswise by `across`."""

    def at(x: float, y: float) -> Point:
        return 250 + (x - 250) * along, 200 + (y - 200) * across

    return trace(
        "M", at(42, 206), "C", at(42, 170), at(66, 152), at(106, 150),
        "C", at(160, 148), at(196, 172), at(246, 168), "C", at(296, 164), at(322, 122), at(384, 122),
        "C", at(430, 122), at(460, 150), at(460, 190), "C", at(460, 238), at(424, 266), at(372, 272),
        "C", at(318, 278), at(270, 270), at(226, 268), "C", at(180, 266), at(140, 268), at(108, 264),
        "C", at(66, 259), at(42, 240), at(42, 206), "Z",
    )  # fmt: skip


def _groove(rubber: str) -> str:
    """The colour of what is cut into the rubber: darker, or lighter where it is nearly black."""
    return lighten(rubber, 0.3) if contrast(rubber, "#000000") < 2.4 else darken(rubber, 0.42)


def _draw_arch(canvas: Canvas, spec: ArtSpec) -> None:
    """The bridge between heel and ball, smooth, with the mark pressed into it."""
    rubber = spec.colourway.outsole
    bridge = trace("M", (170, 120), "C", (196, 180), (200, 226), (196, 300), "H276",
                   "C", (262, 240), (268, 180), (300, 120), "Z")  # fmt: skip
    canvas.path(bridge, spec.colourway.sole).line(bridge, darken(rubber, 0.5), 1.1, 0.55)
    ink = spec.colourway.accent
    if contrast(ink, spec.colourway.sole) < 1.5:
        ink = darken(spec.colourway.sole, 0.5)
    draw_mark(canvas, spec.mark, (231, 217), 58, ink)


def _draw_herringbone(canvas: Canvas, groove: str, split: int) -> None:
    """Court soles: zigzag rows, and circles where one turns on the ball of the foot."""
    step = (11, 13, 9, 15)[split]
    rows = "".join(f"M{40 + 8 * (row % 2)} {104 + row * step}" + "l8 7l8 -7" * 28 for row in range(200 // step))
    canvas.line(rows, groove, 2.4, 0.85)
    _draw_pivot(canvas, groove, _BALL, 44)


def _draw_pivot(canvas: Canvas, groove: str, centre: Point, reach: float) -> None:
    x, y = centre
    for ring in range(4):
        radius = reach * (1 - ring / 4)
        arc = f"a{radius:g} {radius:g} 0 1 0"
        circle = f"M{x - radius:g} {y:g}{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0Z"
        if ring == 0:
            canvas.path(circle, lighten(groove, 0.1), 0.25)
        canvas.line(circle, groove, 2.6, 0.9)


def _draw_blocks(canvas: Canvas, groove: str, split: int) -> None:
    """Basketball soles: rows of blocks that bend around heel and ball."""
    for turn in range(9):
        x = 66 + turn * 46
        data = trace("M", (x, 100), "C", (x + 20, 160), (x + 20, 240), (x, 300))
        canvas.line(data, groove, 3, 0.85)
    rows = "".join(f"M40 {y}H470" for y in range(128, 280, 22 - 2 * split))
    canvas.line(rows, groove, 2.2, 0.7)
    _draw_pivot(canvas, groove, _BALL, 36)


def _draw_pods(canvas: Canvas, groove: str, split: int) -> None:
    """Running soles: a channel along the middle, flex grooves across, and pods of hard rubber."""
    canvas.line(trace("M", (52, 204), "C", (150, 196), (250, 214), (456, 192)), groove, 9 - split, 0.9)
    across = "".join(
        trace("M", (x, 96), "C", (x + 16, 160), (x + 14, 240), (x - 6, 304)) for x in (92, 130, 318, 352, 388, 422)
    )
    canvas.line(across, groove, 3.6, 0.85)
    pods = [(x + (6 if row % 2 else 0), 132 + row * 17) for row in range(9) for x in range(60, 460, 19)]
    canvas.dots(pods, 2.6 if split != 1 else 3.6, groove, 0.75)


def _draw_waves(canvas: Canvas, groove: str, split: int) -> None:
    """Pool soles: waves from edge to edge, siped against the wet."""
    step = (12, 15, 10, 17)[split]
    rows = "".join(f"M36 {98 + row * step}" + "q10 -9 20 0t20 0" * 11 for row in range(210 // step))
    canvas.line(rows, groove, 2.6, 0.85)
    canvas.line("".join(f"M{x} 110V292" for x in range(70, 460, 38)), groove, 1.4, 0.5)


_TREADS = {
    "low-tops": _draw_herringbone,
    "high-tops": _draw_blocks,
    "runners": _draw_pods,
    "slides": _draw_waves,
}
