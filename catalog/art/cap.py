"""The cap, brim to the right: dad, snapback, trucker, five-panel and two-tone shapes."""

from catalog.art.canvas import Canvas, Point, shift, trace
from catalog.art.colour import darken
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel, thread


def draw_cap(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the cap of `spec`: crown with its panels, seams and button, then the brim."""
    shape, colours = spec.silhouette, spec.colourway
    top = 118 - 26 * shape.height
    crown = _crown_outline(top)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    canvas.begin(transform="translate(-14 4)")
    draw_floor_shadow(canvas, (268, 304), 208, 18)
    _draw_underside(canvas, spec)
    draw_panel(canvas, crown, colours.base, paint, lift=0)
    canvas.begin(canvas.clip(crown))
    _draw_back(canvas, spec, top)
    _draw_seams(canvas, spec, top)
    _draw_light(canvas, crown)
    canvas.end()
    canvas.line(crown, darken(colours.base, 0.55), 0.9, 0.5)
    _draw_brim(canvas, spec, paint)
    button = colours.accent if shape.detail else colours.panel
    canvas.ellipse((226, top + 1), 13, 6, darken(button, 0.4)).ellipse((226, top - 1), 12, 5.4, button)
    draw_mark(canvas, spec.mark, (300, 196 - 8 * shape.height), 72, colours.accent, turn=5)
    canvas.end()


def _crown_outline(top: float) -> str:
    return trace(
        "M", (92, 282), "C", (78, 214), (104, top + 14), (226, top),
        "C", (316, top + 2), (366, top + 50), (382, 236),
        "C", (388, 262), (372, 268), (340, 268), "C", (250, 262), (160, 268), (92, 282), "Z",
    )  # fmt: skip


def _draw_underside(canvas: Canvas, spec: ArtSpec) -> None:
    inside = trace("M", (92, 282), "C", (150, 262), (250, 258), (330, 266), "C", (300, 296), (150, 304), (92, 282), "Z")
    canvas.path(inside, darken(spec.colourway.lining, 0.6))


def _draw_back(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    colours, split = spec.colourway, spec.silhouette.split
    back = trace("M", (226, top - 10), "C", (236, top + 60), (232, 200), (222, 290), "L", (60, 300), "L", (60, 60), "Z")
    if split == 1:
        draw_panel(canvas, back, colours.panel, lift=0)
        hole = darken(colours.panel, 0.55)
        mesh = f'<path d="M3 3h0M7.500 7h0" stroke="{hole}" stroke-width="4" opacity=".75"/>'.replace("00", "")
        canvas.path(back, canvas.tile(9, 8, mesh, -8))
    elif split == 3:
        draw_panel(canvas, back, colours.panel, lift=0)
    band = trace("M", (80, 290), "C", (160, 262), (260, 258), (386, 262), "L", (386, 251), "C", (260, 246), (160, 250),
                 (78, 274), "Z")  # fmt: skip
    canvas.path(band, "#0b0d12", 0.1)
    canvas.stitch(trace("M", (82, 272), "C", (160, 249), (260, 245), (384, 250)), thread(colours.base))
    if spec.silhouette.detail == 1:
        strap = trace("M", (78, 262), "L", (112, 252), "L", (114, 268), "L", (82, 280), "Z")
        draw_panel(canvas, strap, colours.accent)
        canvas.dots([(90 + 7 * i, 268 - 2.2 * i) for i in range(3)], 1.7, darken(colours.accent, 0.6))


def _draw_seams(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    colours = spec.colourway
    seams: list[list[Point]] = [
        [(226, top), (236, top + 60), (232, 200), (222, 262)],
        [(226, top), (170, top + 30), (136, 190), (132, 272)],
    ]
    if spec.silhouette.split != 2:
        seams.append([(226, top), (296, top + 16), (352, 170), (366, 262)])
    else:
        seams = [
            [(258, top), (284, top + 50), (284, 200), (276, 262)],
            [(196, top), (160, top + 50), (150, 190), (150, 272)],
        ]  # fmt: skip
    for seam in seams:
        canvas.line(trace("M", seam[0], "C", *seam[1:]), darken(colours.base, 0.6), 1.4, 0.55)
        for gap in (-5, 5):
            row = [seam[0], *shift(seam[1:], gap, 0)]
            canvas.stitch(trace("M", row[0], "C", *row[1:]), thread(colours.base), 0.6)
    for x, y in ((182, top + 42), (262, top + 36)):
        canvas.ellipse((x, y), 5.4, 4.6, darken(colours.panel, 0.15)).ellipse((x, y), 2.8, 2.4, "#0b0d12", 0.75)


def _draw_light(canvas: Canvas, crown: str) -> None:
    side = canvas.linear([(0, "#0b0d12", 0.4), (0.3, "#0b0d12", 0.06), (0.62, "#ffffff", 0.1), (0.85, "#0b0d12", 0.02),
                          (1, "#0b0d12", 0.26)], (0, 0.2), (1, 0))  # fmt: skip
    down = canvas.linear([(0, "#ffffff", 0.14), (0.4, "#0b0d12", 0), (1, "#0b0d12", 0.3)])
    canvas.path(crown, side).path(crown, down)
    canvas.ellipse((286, 146), 60, 34, canvas.radial([(0, "#ffffff", 0.34), (1, "#ffffff", 0)]))


def _draw_brim(canvas: Canvas, spec: ArtSpec, paint: str) -> None:
    shape, colours = spec.silhouette, spec.colourway
    drop = 26 * shape.thickness
    reach = 462 + 14 * shape.length
    colour = colours.panel if shape.split in (1, 3) or paint else colours.base
    tip: Point = (reach, 278 + drop)
    under = trace(
        "M", (216, 268), "C", (250, 306), (330, 300 + drop * 0.3), (reach - 40, 300 + drop),
        "Q", (reach + 4, 302 + drop),
        (tip[0], tip[1]), "L", (reach - 30, 262), "Z",
    )  # fmt: skip
    canvas.path(under, darken(colours.lining, 0.55))
    top = trace(
        "M", (214, 262), "C", (262, 244), (330, 240), (383, 240), "C", (430, 240), (reach - 6, 256), tip,
        "Q", (reach + 2, 290 + drop), (reach - 22, 290 + drop),
        "C", (reach - 70, 280 + drop * 0.8), (300, 284), (222, 272),
        "Q", (212, 268), (214, 262), "Z",
    )  # fmt: skip
    draw_panel(canvas, top, colour, lift=3)
    canvas.begin(canvas.clip(top))
    for turn in range(5):
        inset = 5 + 8 * turn
        row: list[Point] = [
            (226, 270 - inset * 0.3), (310, 282 - inset * 0.6), (reach - 76, 279 + drop * 0.8 - inset),
            (reach - 18 - inset * 0.7, 286 + drop - inset), (reach - inset, 284 + drop - inset),
            (reach - 14 - inset, 256 - inset * 0.2), (430 - inset, 240),
        ]  # fmt: skip
        canvas.stitch(trace("M", row[0], "C", *row[1:4], "S", row[5], row[6]), thread(colour), 0.5)
    fall = canvas.linear([(0, "#0b0d12", 0.42), (0.35, "#0b0d12", 0.04), (0.6, "#ffffff", 0.14), (1, "#0b0d12", 0.1)],
                         (0.2, 0), (0.55, 1))  # fmt: skip
    canvas.path(top, fall).end()
