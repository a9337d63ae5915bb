"""The low-top sneaker: court, skate, terrace, platform and tennis shapes."""

from catalog.art.canvas import Canvas, Point, along, shift, trace
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.shoe import (
    GROUND,
    Last,
    draw_cupsole,
    draw_inside,
    draw_laces,
    light_upper,
    make_last,
)  # fmt: skip
from catalog.art.spec import ArtSpec
from catalog.art.studio import cloth, draw_floor_shadow, draw_panel, thread


def draw_sneaker_low(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the shoe of `spec` from the inside out: lining, quarter, panels, laces, sole."""
    shape, colours = spec.silhouette, spec.colourway
    last = make_last(
        heel_top=188 - 14 * shape.height,
        collar_dip=206 - 6 * shape.height,
        throat_top=(228, 166 - 12 * shape.height),
        sole_top=GROUND - 28 - 22 * shape.thickness,
        toe=shape.length,
    )
    canvas.begin(transform="translate(-33 -36) scale(1.1)")
    draw_floor_shadow(canvas, (258, GROUND + 1), 212)
    draw_inside(canvas, last, colours)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_panel(canvas, last.outline, colours.base, paint, lift=0)
    canvas.begin(canvas.clip(last.outline))
    _draw_toe(canvas, last, spec)
    _draw_heel(canvas, last, spec)
    _draw_eyestay(canvas, last, spec)
    _draw_collar(canvas, last, spec)
    canvas.end()
    draw_mark(canvas, spec.mark, (192, last.sole_top - 40), 78, colours.accent, turn=-4)
    light_upper(canvas, last)
    draw_laces(canvas, last, colours, 6 + shape.detail)
    draw_cupsole(canvas, last, colours, bumper=shape.split == 1)
    canvas.end()


def _draw_toe(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, vamp = spec.colourway, last.sole_top, last.throat[3]
    if spec.silhouette.split in (0, 2):
        edge: list[Point] = [(330, y + 10), (338, y - 26), (372, y - 30), (446, y - 20)]
        data = trace("M", edge[0], "C", *edge[1:], "V340H320Z")
        draw_panel(canvas, data, colours.panel)
        inner = shift(edge, 3, 4)
        canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))
    if spec.silhouette.split in (0, 3):
        rows = [(vamp[0] + 16 + 11 * i + 3 * j, vamp[1] + 7 + 8 * j + i) for j in range(2) for i in range(4 - j)]
        canvas.dots(rows, 1.7, "#0b0d12", 0.5)
    if spec.silhouette.split == 1:
        cap: list[Point] = [(372, vamp[1] - 14), (360, y - 34), (362, y - 14), (366, y + 12)]
        draw_panel(canvas, trace("M", cap[0], "C", *cap[1:], "H460V190Z"), colours.panel)
        for gap in (4, 7.5):
            row = shift(cap, gap, 0)
            canvas.stitch(trace("M", row[0], "C", *row[1:]), thread(colours.panel))


def _draw_heel(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, top = spec.colourway, last.sole_top, last.heel[3]
    reach = 40 if spec.silhouette.split != 2 else 24
    edge: list[Point] = [
        (top[0] + 22, top[1] + 4), (top[0] + reach, top[1] + 40), (top[0] + reach - 6, y - 30), (134, y + 10),
    ]  # fmt: skip
    data = trace("M", edge[0], "C", *edge[1:], "L", (50, y + 10), "L", (50, top[1] - 20), "Z")
    draw_panel(canvas, data, colours.panel)
    inner = shift(edge, -4, 0)
    canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))
    tab = trace(
        "M", (top[0] - 8, top[1] - 12), "L", (top[0] + 20, top[1] - 10),
        "C", (top[0] + 24, top[1] + 14), (top[0] + 20, top[1] + 26), (top[0] + 12, top[1] + 36),
        "L", (top[0] - 14, top[1] + 36), "Z",
    )  # fmt: skip
    draw_panel(canvas, tab, colours.accent)


def _draw_eyestay(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, t = spec.colourway, last.throat
    lower = shift(t, -26, 26)
    foot: Point = (t[3][0] - 6, t[3][1] + 22)
    if spec.silhouette.split == 3:
        foot = (t[3][0] - 34, last.sole_top + 8)
    data = trace(
        "M", (t[0][0] - 16, t[0][1] - 8), "L", (t[0][0] + 6, t[0][1] - 12),
        "C", (t[1][0] + 4, t[1][1] - 6), (t[2][0] + 4, t[2][1] - 6), (t[3][0] + 8, t[3][1] - 2),
        "Q", (t[3][0] + 8, t[3][1] + 14), foot,
        "C", lower[2], lower[1], (t[0][0] - 24, t[0][1] + 30), "Z",
    )  # fmt: skip
    draw_panel(canvas, data, colours.panel)
    inner = shift((foot, lower[2], lower[1], (t[0][0] - 24, t[0][1] + 30)), 3, -4)
    canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))
    if spec.silhouette.split == 0:
        holes = [along(shift(t, -34, 44), 0.2 + 0.12 * i) for i in range(4)]
        canvas.dots(holes, 1.6, "#0b0d12", 0.42)


def _draw_collar(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    c, colours = last.collar, spec.colourway
    low = shift(c, 0, 17)
    data = trace(
        "M", (c[0][0] - 4, c[0][1] - 12), "L", c[0], "C", *c[1:], "L", (c[3][0] + 6, c[3][1] + 10),
        "C", low[2], low[1], (low[0][0] - 2, low[0][1] + 2), "Z",
    )  # fmt: skip
    canvas.path(data, cloth(canvas, colours.lining))
    canvas.stitch(trace("M", low[0], "C", low[1], low[2], (c[3][0] + 4, c[3][1] + 14)), thread(colours.base))
