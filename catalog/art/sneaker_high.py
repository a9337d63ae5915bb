"""The high-top sneaker: hoops, canvas, strap, mid and boot shapes."""

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
from catalog.art.studio import draw_floor_shadow, draw_panel, thread


def draw_sneaker_high(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the shoe of `spec` from the inside out, with the ankle panels of a high-top."""
    shape, colours = spec.silhouette, spec.colourway
    top = 134 - 40 * shape.height
    last = make_last(
        heel_top=top + 6,
        collar_dip=top + 16,
        throat_top=(212, top - 4),
        sole_top=GROUND - 30 - 16 * shape.thickness,
        toe=shape.length,
    )
    scale, drop = (1.08, 8 + 16 * shape.height) if shape.height < 0.9 else (1.02, 34)
    canvas.begin(transform=f"translate({250 - 258 * scale:.1f} {drop - 24:.1f}) scale({scale})")
    draw_floor_shadow(canvas, (258, GROUND + 1), 212)
    draw_inside(canvas, last, colours)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_panel(canvas, last.outline, colours.base, paint, lift=0)
    canvas.begin(canvas.clip(last.outline))
    _draw_ankle(canvas, last, spec)
    _draw_toe(canvas, last, spec)
    _draw_heel(canvas, last, spec)
    _draw_eyestay(canvas, last, spec)
    canvas.end()
    draw_mark(canvas, spec.mark, (192, last.sole_top - 46), 84, colours.accent, turn=-6)
    light_upper(canvas, last)
    draw_laces(canvas, last, colours, 8)
    if shape.split == 2:
        _draw_strap(canvas, last, spec)
    draw_cupsole(canvas, last, colours, bumper=shape.split in (1, 3))
    canvas.end()


def _draw_ankle(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, c, y = spec.colourway, last.collar, last.heel[3][1]
    base = y + (last.sole_top - y) * 0.42
    data = trace(
        "M", (60, y - 30), "L", (c[3][0] + 30, y - 30), "L", (c[3][0] + 8, base - 26),
        "C", (180, base - 4), (140, base + 2), (60, base - 8), "Z",
    )  # fmt: skip
    draw_panel(canvas, data, colours.lining)
    for drop in (12, 25) if spec.silhouette.split != 1 else (12,):
        row = shift(c, 0, drop)
        canvas.line(trace("M", row[0], "C", *row[1:]), "#0b0d12", 1, 0.25)
        canvas.line(trace("M", shift(row, 0, 2)[0], "C", *shift(row, 0, 2)[1:]), "#ffffff", 1, 0.22)
    seam: list[Point] = [(c[3][0] + 5, base - 31), (180, base - 9), (140, base - 3), (60, base - 13)]
    canvas.stitch(trace("M", seam[0], "C", *seam[1:]), thread(colours.lining))
    if spec.silhouette.split == 1:
        badge = (150, (y + base) / 2 + 4)
        canvas.ellipse(badge, 21, 21, colours.panel).ellipse(badge, 18.5, 18.5, colours.sole)
        draw_mark(canvas, spec.mark, badge, 26, colours.accent)


def _draw_toe(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, vamp = spec.colourway, last.sole_top, last.throat[3]
    if spec.silhouette.split == 1:
        cap = trace("M", (384, vamp[1] - 16), "C", (370, y - 36), (372, y - 14), (374, y + 12), "H460V190Z")
        draw_panel(canvas, cap, colours.sole)
        return
    edge: list[Point] = [(310, y + 10), (326, y - 30), (374, y - 34), (446, y - 24)]
    draw_panel(canvas, trace("M", edge[0], "C", *edge[1:], "V340H300Z"), colours.panel)
    inner = shift(edge, 3, 4)
    canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))
    rows = [(vamp[0] + 14 + 11 * i + 3 * j, vamp[1] + 6 + 8 * j + i) for j in range(2) for i in range(4 - j)]
    canvas.dots(rows, 1.7, "#0b0d12", 0.5)


def _draw_heel(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, top = spec.colourway, last.sole_top, last.heel[3]
    middle = top[1] + (y - top[1]) * 0.45
    edge: list[Point] = [(58, middle), (112, middle + 2), (128, y - 38), (150, y + 10)]
    draw_panel(canvas, trace("M", edge[0], "C", *edge[1:], "H50Z"), colours.panel)
    inner = shift(edge, -4, 4)
    canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))
    strip = trace(
        "M", (60, top[1] - 14), "L", (top[0] + 12, top[1] - 14), "C", (top[0] + 14, top[1] + 30),
        (top[0] + 6, middle), (top[0], middle + 6), "L", (50, middle + 6), "Z",
    )  # fmt: skip
    draw_panel(canvas, strip, colours.accent)


def _draw_eyestay(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, t = spec.colourway, last.throat
    lower = shift(t, -27, 20)
    foot: Point = (t[3][0] - 4, t[3][1] + 22)
    if spec.silhouette.split == 3:
        foot = (t[3][0] - 44, last.sole_top + 8)
    data = trace(
        "M", (t[0][0] - 22, t[0][1] - 10), "L", (t[0][0] + 6, t[0][1] - 12),
        "C", (t[1][0] + 4, t[1][1] - 6), (t[2][0] + 4, t[2][1] - 6), (t[3][0] + 8, t[3][1] - 2),
        "Q", (t[3][0] + 8, t[3][1] + 14), foot,
        "C", lower[2], lower[1], (t[0][0] - 26, t[0][1] + 20), "Z",
    )  # fmt: skip
    draw_panel(canvas, data, colours.panel)
    inner = shift((foot, lower[2], lower[1], (t[0][0] - 26, t[0][1] + 20)), 4, -3)
    canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.panel))


def _draw_strap(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colour, (x, y) = spec.colourway.accent, along(last.throat, 0.2)
    back = last.heel[3][0] + 8
    data = trace(
        "M", (back, y + 14), "C", (back + 50, y + 24), (x - 40, y + 14), (x + 6, y - 12),
        "Q", (x + 18, y - 8), (x + 20, y + 8), "C", (x - 26, y + 38), (back + 50, y + 50), (back - 3, y + 40), "Z",
    )  # fmt: skip
    draw_panel(canvas, data, colour, lift=3)
    for drop in (4, 22):
        row = [(back + 4, y + 14 + drop), (back + 52, y + 24 + drop), (x - 38, y + 14 + drop), (x + 8, y - 10 + drop)]
        canvas.stitch(trace("M", row[0], "C", *row[1:]), thread(colour))
