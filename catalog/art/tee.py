"""The T-shirt, laid flat: classic, boxy, ringer, raglan and blocked shapes."""

from catalog.art.canvas import WIDTH, Canvas, Point, shift, trace
from catalog.art.colour import darken, lighten
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_panel, thread


def draw_tee(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the tee of `spec`: inside of the neck, sleeves, body, collar, then the print or the pocket.

    `height` deepens the neck, `length` the body, `thickness` widens the sleeves; `split` is one of plain, ringer,
    raglan and chest block, `detail` 1 a pocket.
    """
    shape, colours = spec.silhouette, spec.colourway
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    hem, neck = 338 + 26 * shape.length, 104 + 14 * shape.height
    body = _body_outline(hem, neck)
    canvas.begin(transform="translate(-15 -22) scale(1.06)")
    _draw_ground(canvas, hem)
    _draw_back_neck(canvas, spec, neck)
    is_raglan = shape.split == 2
    if not is_raglan:
        _draw_sleeves(canvas, spec, paint)
    draw_panel(canvas, body, colours.base, paint, lift=2.4)
    canvas.begin(canvas.clip(body))
    _draw_panels(canvas, spec, hem)
    _draw_light(canvas, hem)
    _draw_folds(canvas, spec, hem)
    canvas.end()
    if is_raglan:
        _draw_sleeves(canvas, spec, paint)
    _draw_collar(canvas, spec, neck)
    if shape.detail:
        _draw_pocket(canvas, spec, paint)
    else:
        draw_mark(canvas, spec.mark, (250, 192), 104, colours.accent)
    canvas.end()


def _mirror(points: list[Point]) -> list[Point]:
    return [(WIDTH - x, y) for x, y in points]


def _body_outline(hem: float, neck: float) -> str:
    left: list[Point] = [
        (207, 78), (190, 88), (168, 97), (146, 104), (152, 136), (157, 160), (154, 190),
        (151, 236), (150, 280), (146, hem - 5),
    ]  # fmt: skip
    right = _mirror(left)[::-1]
    return trace(
        "M", left[0], "C", *left[1:4], "C", *left[4:7], "C", *left[7:10],
        "C", (200, hem + 7), (300, hem + 7), right[0], "C", *right[1:4], "C", *right[4:7], "C", *right[7:10],
        "C", (282, neck + 8), (218, neck + 8), left[0], "Z",
    )  # fmt: skip


def _draw_ground(canvas: Canvas, hem: float) -> None:
    soft = canvas.radial([(0, "#15171c", 0.3), (0.7, "#15171c", 0.16), (1, "#15171c", 0)])
    canvas.ellipse((254, 226), 190, 170, soft, 0.6)
    canvas.ellipse((252, hem + 3), 128, 14, soft)


def _draw_back_neck(canvas: Canvas, spec: ArtSpec, neck: float) -> None:
    colours = spec.colourway
    inside = trace("M", (204, 79), "C", (226, 70), (274, 70), (296, 79), "L", (300, neck + 12), "H200", "Z")
    depth = canvas.linear([(0, darken(colours.lining, 0.18)), (1, darken(colours.lining, 0.62))])
    canvas.path(inside, depth)
    tape = trace("M", (205, 83), "C", (226, 75), (274, 75), (295, 83))
    canvas.line(tape, darken(colours.panel, 0.25), 6).line(tape, darken(colours.panel, 0.55), 0.9, 0.6)
    label = trace("M", (238, 82), "H262V97H238Z")
    canvas.path(label, colours.accent).line(label, darken(colours.accent, 0.4), 0.6, 0.5)


def _draw_sleeves(canvas: Canvas, spec: ArtSpec, paint: str) -> None:
    for side in (False, True):
        _draw_sleeve(canvas, spec, paint, flip=side)


def _draw_sleeve(canvas: Canvas, spec: ArtSpec, paint: str, *, flip: bool) -> None:
    colours, split, wide = spec.colourway, spec.silhouette.split, 12 * spec.silhouette.thickness
    points: list[Point] = [
        (148, 103), (122, 114), (98, 146), (68 - wide, 190 + wide / 2), (76 - wide, 201 + wide),
        (90, 212 + wide), (115, 222 + wide), (128, 208), (144, 196), (157, 191),
    ]  # fmt: skip
    hem: list[Point] = [
        (74 - wide, 181 + wide / 2), (86 - wide, 196 + wide), (102, 206 + wide), (123, 213 + wide),
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(112, 142), (122, 160), (136, 172), (154, 178)],
        [(94, 168), (106, 180), (116, 186), (132, 190)],
    ]
    neck: list[Point] = [(182, 168), (198, 134), (214, 92), (207, 79), (190, 90), (168, 98), points[0]]
    if flip:
        points, hem, neck = _mirror(points), _mirror(hem), _mirror(neck)
        folds = [_mirror(fold) for fold in folds]
    data = trace("M", points[0], "C", *points[1:4], "C", *points[4:7], "C", *points[7:10])
    data += trace("C", *neck[:3], "L", neck[3], "C", *neck[4:], "Z") if split == 2 else "Z"
    colour = colours.panel if split in (2, 3) else colours.base
    draw_panel(canvas, data, colour, paint if colour == colours.base else "", lift=2)
    canvas.begin(canvas.clip(data))
    if split == 1:
        canvas.line(trace("M", hem[0], "C", *hem[1:]), darken(colours.panel, 0.5), 27)
        canvas.line(trace("M", hem[0], "C", *hem[1:]), colours.panel, 26)
    shade = canvas.linear([(0, "#ffffff", 0.12), (0.5, "#0b0d12", 0.02), (1, "#0b0d12", 0.3)],
                          (0.2, 0), (0.8, 1))  # fmt: skip
    canvas.path(data, shade)
    for fold in folds:
        canvas.line(trace("M", fold[0], "C", *fold[1:]), darken(colour, 0.6), 3, 0.11)
        lit = shift(fold, 0, 4)
        canvas.line(trace("M", lit[0], "C", *lit[1:]), "#ffffff", 2.6, 0.09)
    for gap in (0, 3.5):
        row = shift(hem, 0, gap)
        canvas.stitch(trace("M", row[0], "C", *row[1:]), thread(colour if split != 1 else colours.panel))
    canvas.end()


def _draw_panels(canvas: Canvas, spec: ArtSpec, hem: float) -> None:
    colours, split = spec.colourway, spec.silhouette.split
    if split == 3:
        block = trace("M", (120, 60), "H380V232", "Q", (250, 240), (120, 232), "Z")
        draw_panel(canvas, block, colours.panel)
        canvas.stitch(trace("M", (120, 228), "Q", (250, 236), (380, 228)), thread(colours.panel))
    for flip in (False, True):
        seam: list[Point] = [(146, 104), (154, 136), (158, 160), (155, 190)]
        if split == 2:
            seam = [(214, 92), (198, 134), (182, 168), (157, 191)]
        seam = _mirror(seam) if flip else seam
        data = trace("M", seam[0], "C", *seam[1:])
        canvas.line(data, darken(colours.base, 0.6), 1.3, 0.5)
        inner = shift(seam, -4 if flip else 4, 1)
        canvas.stitch(trace("M", inner[0], "C", *inner[1:]), thread(colours.base), 0.6)
    for gap in (8, 11.5):
        canvas.stitch(
            trace("M", (134, hem - 5 - gap), "C", (200, hem + 7 - gap), (300, hem + 7 - gap), (366, hem - 5 - gap)),
            thread(colours.base),
        )


def _draw_light(canvas: Canvas, hem: float) -> None:
    sides = canvas.linear([(0, "#0b0d12", 0.3), (0.2, "#0b0d12", 0), (0.42, "#ffffff", 0.12), (0.62, "#0b0d12", 0),
                           (1, "#0b0d12", 0.3)], (0, 0), (1, 0))  # fmt: skip
    down = canvas.linear([(0, "#ffffff", 0.06), (0.5, "#0b0d12", 0), (1, "#0b0d12", 0.2)])
    area = f'x="134" y="60" width="232" height="{hem - 46:.0f}"'
    canvas.add(f'<rect {area} fill="{sides}"/><rect {area} fill="{down}"/>')


def _draw_folds(canvas: Canvas, spec: ArtSpec, hem: float) -> None:
    """Soft creases from the armholes and up from the hem, the same on every tee but for their lean."""
    rng = spec.random("folds")
    lean = rng.uniform(-6, 6)
    creases: list[list[Point]] = [
        [(158, 186), (174, 204), (184, 222), (186, 250)],
        [(342, 186), (328, 202), (318, 216), (314, 246)],
        [(196 + lean, hem), (200, hem - 30), (196, hem - 54), (184 + lean, hem - 92)],
        [(312 - lean, hem), (304, hem - 26), (308, hem - 50), (318, hem - 80)],
        [(258 + lean, hem + 4), (256, hem - 20), (262, hem - 36), (258, hem - 58)],
    ]
    for points in creases:
        wide = trace("M", points[0], "C", *points[1:], "C", *shift([points[2], points[1], points[0]], 8, 3), "Z")
        canvas.path(wide, "#0b0d12", 0.11)
        lit = shift(points, -4, 1)
        canvas.line(trace("M", lit[0], "C", *lit[1:]), "#ffffff", 3, 0.09)


def _draw_collar(canvas: Canvas, spec: ArtSpec, neck: float) -> None:
    colours = spec.colourway
    colour = colours.panel if spec.silhouette.split in (1, 2) else colours.base
    band = trace(
        "M", (207, 78), "C", (218, neck + 8), (282, neck + 8), (293, 78), "L", (304, 83),
        "C", (290, neck + 26), (210, neck + 26), (196, 83), "Z",
    )  # fmt: skip
    draw_panel(canvas, band, colour, lift=1.4)
    ribs = (
        f'<path d="M1 0V9" stroke="{darken(colour, 0.4)}" stroke-width="1" opacity=".45"/>'
        f'<path d="M2.5 0V9" stroke="{lighten(colour, 0.4)}" stroke-width=".8" opacity=".35"/>'
    )
    canvas.path(band, canvas.tile(3.8, 9, ribs))
    rim = trace("M", (193, 86), "C", (208, neck + 30), (292, neck + 30), (307, 86))
    canvas.stitch(rim, thread(colours.base))


def _draw_pocket(canvas: Canvas, spec: ArtSpec, paint: str) -> None:
    colours = spec.colourway
    pocket = trace("M", (272, 160), "H324V206", "Q", (298, 226), (272, 206), "Z")
    draw_panel(canvas, pocket, colours.base, paint, lift=1.6)
    canvas.path(trace("M", (272, 160), "H324V170H272Z"), "#0b0d12", 0.1)
    canvas.stitch(trace("M", (274, 170), "H322"), thread(colours.base))
    canvas.stitch(trace("M", (275, 162), "V204", "Q", (298, 222), (321, 204), "V162"), thread(colours.base))
    draw_mark(canvas, spec.mark, (298, 190), 30, colours.accent)
