"""The hoodie, laid flat: regular, boxy, zip, raglan and blocked shapes."""

from catalog.art.canvas import WIDTH, Canvas, Point, shift, trace
from catalog.art.colour import darken, lighten
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import cloth, draw_panel, thread


def draw_hoodie(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the hoodie of `spec`: sleeves, body, pocket, hood and cords from back to front."""
    paint = paint_pattern(canvas, spec.pattern, spec.colourway, spec.random("pattern"))
    hem = 342 + 18 * spec.silhouette.length
    flare = 18 - 14 * spec.silhouette.length
    body = _body_outline(hem, flare)
    canvas.begin(transform="translate(0 -4)")
    _draw_ground(canvas, hem)
    for side in (False, True):
        _draw_sleeve(canvas, spec, flare, paint, flip=side)
    draw_panel(canvas, body, spec.colourway.base, paint, lift=0)
    canvas.begin(canvas.clip(body))
    _draw_body_panels(canvas, spec, hem, flare)
    _draw_folds(canvas, hem)
    canvas.end()
    _draw_pocket(canvas, spec, hem)
    if spec.silhouette.split == 1:
        _draw_zip(canvas, spec, hem)
    _draw_hood(canvas, spec)
    _draw_cords(canvas, spec)
    if spec.silhouette.split == 1:
        draw_mark(canvas, spec.mark, (298, 190), 34, spec.colourway.accent)
    else:
        draw_mark(canvas, spec.mark, (250, 214), 86, spec.colourway.accent)
    canvas.end()


def _mirror(points: list[Point]) -> list[Point]:
    return [(WIDTH - x, y) for x, y in points]


def _draw_ground(canvas: Canvas, hem: float) -> None:
    soft = canvas.radial([(0, "#15171c", 0.3), (0.7, "#15171c", 0.16), (1, "#15171c", 0)])
    canvas.ellipse((254, 236), 196, 176, soft, 0.62)
    canvas.ellipse((252, hem + 2), 128, 15, soft)


def _body_outline(hem: float, flare: float) -> str:
    left: list[Point] = [
        (206, 104), (192, 112), (176, 118), (156, 126), (160, 160), (166, 190), (166 - flare, 232),
        (160 - flare, 270), (162 - flare, 310), (164 - flare, hem - 6),
    ]  # fmt: skip
    right = _mirror(left)[::-1]
    return trace(
        "M", left[0], "C", *left[1:4], "C", *left[4:7], "C", *left[7:10],
        "Q", (250, hem + 10), right[0], "C", *right[1:4], "C", *right[4:7], "C", *right[7:10], "Z",
    )  # fmt: skip


def _draw_sleeve(canvas: Canvas, spec: ArtSpec, flare: float, paint: str, *, flip: bool) -> None:
    colours, split = spec.colourway, spec.silhouette.split
    points: list[Point] = [
        (160, 124), (126, 136), (112, 190), (98 - flare, 250), (90 - flare, 284), (86 - flare, 304), (84 - flare, 322),
        (126 - flare, 332), (140, 292), (152, 250), (170, 206),
    ]  # fmt: skip
    cuff: list[Point] = [
        (86 - flare, 310), (80 - flare, 326), (80 - flare, 340), (82 - flare, 350),
        (122 - flare, 358), (127 - flare, 346), (130 - flare, 332), (129 - flare, 318),
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(118, 232), (134, 236), (150, 230), (160, 216)],
        [(104, 268), (120, 276), (134, 272), (146, 256)],
    ]
    if flip:
        points, cuff, folds = _mirror(points), _mirror(cuff), [_mirror(fold) for fold in folds]
    data = trace("M", points[0], "C", *points[1:4], "C", *points[4:7], "L", points[7], "C", *points[8:11], "Z")
    cloth_colour = colours.panel if split in (2, 3) else colours.base
    draw_panel(canvas, data, cloth_colour, paint if split not in (2, 3) else "", lift=2.4)
    shade = canvas.linear([(0, "#0b0d12", 0.04), (0.45, "#ffffff", 0.1), (1, "#0b0d12", 0.26)],
                          (0, 0.4), (1, 0.6))  # fmt: skip
    canvas.path(data, shade)
    for fold in folds:
        canvas.line(trace("M", fold[0], "C", *fold[1:]), darken(cloth_colour, 0.6), 2.2, 0.18)
        canvas.line(trace("M", shift(fold, 0, 3)[0], "C", *shift(fold, 0, 3)[1:]), "#ffffff", 2, 0.13)
    _draw_rib(
        canvas, trace("M", cuff[0], "C", *cuff[1:4], "L", cuff[4], "C", *cuff[5:8], "Z"), spec, turn=-6 if flip else 6
    )


def _draw_rib(canvas: Canvas, data: str, spec: ArtSpec, *, turn: float = 0) -> None:
    colour = spec.colourway.panel
    draw_panel(canvas, data, colour, lift=1.2)
    lines = (
        f'<path d="M1 0V8" stroke="{darken(colour, 0.45)}" stroke-width="1.1" opacity=".5"/>'
        f'<path d="M3 0V8" stroke="{lighten(colour, 0.4)}" stroke-width=".9" opacity=".4"/>'
    )
    canvas.path(data, canvas.tile(4.6, 8, lines, turn))


def _draw_body_panels(canvas: Canvas, spec: ArtSpec, hem: float, flare: float) -> None:
    colours, split = spec.colourway, spec.silhouette.split
    if split == 3:
        block = trace("M", (120, 90), "H380V190", "Q", (250, 204), (120, 190), "Z")
        draw_panel(canvas, block, colours.panel)
        canvas.stitch(trace("M", (120, 186), "Q", (250, 200), (380, 186)), thread(colours.panel))
    rib = trace(
        "M", (140 - flare, hem - 24), "Q", (250, hem - 12), (360 + flare, hem - 24),
        "L", (360 + flare, hem + 20), "L", (140 - flare, hem + 20), "Z",
    )  # fmt: skip
    _draw_rib(canvas, rib, spec)
    canvas.stitch(trace("M", (140, hem - 28), "Q", (250, hem - 16), (360, hem - 28)), thread(colours.base))
    for flip in (False, True):
        seam: list[Point] = [(156, 126), (170, 150), (172, 182), (167, 206)]
        if split == 2:
            seam = [(208, 112), (196, 146), (180, 180), (164, 206)]
        seam = _mirror(seam) if flip else seam
        data = trace("M", seam[0], "C", *seam[1:])
        canvas.line(data, darken(colours.base, 0.6), 1.3, 0.5)
        inner = shift(seam, -4 if flip else 4, 1)
        canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.base), 0.6)


def _draw_folds(canvas: Canvas, hem: float) -> None:
    sides = canvas.linear([(0, "#0b0d12", 0.3), (0.2, "#0b0d12", 0), (0.42, "#ffffff", 0.12), (0.62, "#0b0d12", 0),
                           (1, "#0b0d12", 0.32)], (0, 0), (1, 0))  # fmt: skip
    down = canvas.linear([(0, "#0b0d12", 0), (0.6, "#0b0d12", 0), (1, "#0b0d12", 0.22)])
    canvas.add(f'<rect x="130" y="90" width="240" height="{hem - 76:.0f}" fill="{sides}"/>')
    canvas.add(f'<rect x="130" y="90" width="240" height="{hem - 76:.0f}" fill="{down}"/>')
    for points in (
        [(172, 206), (190, 226), (198, 246), (196, 268)], [(328, 206), (312, 226), (304, 240), (306, 262)],
    ):  # fmt: skip
        wide = trace("M", points[0], "C", *points[1:], "C", *shift([points[2], points[1], points[0]], 7, 3), "Z")
        canvas.path(wide, "#0b0d12", 0.13)


def _draw_pocket(canvas: Canvas, spec: ArtSpec, hem: float) -> None:
    colours, top = spec.colourway, hem - 92
    colour = colours.panel if spec.silhouette.split == 3 else colours.base
    left: list[Point] = [(206, top), (200, top + 18), (184, top + 40), (178, top + 52), (178, hem - 22)]
    half_pocket: list[Point] = [*left, (250, hem - 17), (250, top)]
    halves = [half_pocket, _mirror(half_pocket)]
    if spec.silhouette.split != 1:
        halves = [left + _mirror(left)[::-1]]
    for half in halves:
        data = trace("M", half[0], "C", *half[1:4], "L", *half[4:])
        if len(half) == 10:
            data = trace("M", half[0], "C", *half[1:4], "L", half[4], "Q", (250, hem - 11), half[5],
                         "L", half[6], "C", *half[7:10], "Z")  # fmt: skip
        draw_panel(canvas, data, colour, lift=2)
    for points in (left, _mirror(left)):
        inner = shift(points, 5 if points is left else -5, 0)
        canvas.stitch(trace("M", inner[0], "C", *inner[1:4]), thread(colour))
    canvas.stitch(trace("M", (208, top + 4), "H292"), thread(colour))


def _draw_zip(canvas: Canvas, spec: ArtSpec, hem: float) -> None:
    colours = spec.colourway
    tape = trace("M", (250, 140), "L", (250, hem - 2))
    canvas.line(tape, darken(colours.base, 0.45), 7).line(tape, "#aeb4bd", 3.6)
    canvas.line(tape, "#5c626c", 3.6, 1, "1 3")
    for x in (243, 257):
        canvas.stitch(trace("M", (x, 146), "L", (x, hem - 26)), thread(colours.base))
    pull = trace("M", (247, 150), "H253L254 170Q250 174 246 170Z")
    canvas.path(pull, "#c9ced6").line(pull, "#50555e", 0.8)


def _draw_hood(canvas: Canvas, spec: ArtSpec) -> None:
    colours, peak = spec.colourway, 44 - 14 * spec.silhouette.height
    outer = trace(
        "M", (190, 118), "C", (170, 92), (184, peak + 6), (250, peak), "C", (316, peak + 6), (330, 92), (310, 118),
        "C", (300, 142), (272, 156), (250, 160), "C", (228, 156), (200, 142), (190, 118), "Z",
    )  # fmt: skip
    draw_panel(canvas, outer, colours.base, lift=3)
    opening = trace(
        "M", (210, 104), "C", (204, 78), (220, peak + 22), (250, peak + 20),
        "C", (280, peak + 22), (296, 78), (290, 104), "C", (284, 126), (264, 140), (250, 144),
        "C", (236, 140), (216, 126), (210, 104), "Z",
    )  # fmt: skip
    depth = canvas.radial([(0, darken(colours.lining, 0.72)), (0.65, darken(colours.lining, 0.5)),
                           (1, darken(colours.lining, 0.15))], (0.5, 0.62), 0.62)  # fmt: skip
    canvas.path(opening, depth).line(opening, darken(colours.base, 0.55), 1.2, 0.7)
    back = trace("M", (216, 112), "Q", (250, 96), (284, 112), "C", (276, 128), (262, 138), (250, 141), "C", (238, 138),
                 (224, 128), (216, 112), "Z")  # fmt: skip
    canvas.path(back, cloth(canvas, colours.lining), 0.9)
    label = trace("M", (240, 113), "H260V122H240Z")
    canvas.path(label, colours.accent).line(label, darken(colours.accent, 0.4), 0.6, 0.5)
    rim = trace("M", (203, 106), "C", (196, 74), (214, peak + 15), (250, peak + 13), "C", (286, peak + 15), (304, 74),
                (297, 106), "C", (290, 132), (266, 147), (250, 151))  # fmt: skip
    canvas.stitch(rim, thread(colours.base))
    fold = trace("M", (250, 144), "C", (226, 138), (206, 124), (192, 120))
    canvas.line(fold, darken(colours.base, 0.6), 1.4, 0.45)
    glow = canvas.radial([(0, "#ffffff", 0.3), (1, "#ffffff", 0)])
    canvas.ellipse((212, peak + 22), 30, 20, glow, 0.7)


def _draw_cords(canvas: Canvas, spec: ArtSpec) -> None:
    lace = spec.colourway.lace
    for x, y, lean, end in ((226, 138, 4, 212), (274, 138, -3, 204)):
        canvas.dots([(x, y)], 3.8, "#8b919b").dots([(x, y)], 2, "#2a2d33")
        cord = trace("M", (x, y), "C", (x - lean, y + 24), (x + lean, end - 24), (x - lean / 2, end))
        canvas.line(cord, "#0b0d12", 5.6, 0.22).line(cord, darken(lace, 0.35), 4.6).line(cord, lace, 3.2)
        canvas.line(trace("M", (x - lean / 2, end), "l0 9"), "#c9ced6", 4.4)
