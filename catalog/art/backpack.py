"""The backpack seen from the front: daypack, rolltop, rucksack, commuter and mini shapes."""

from catalog.art.canvas import WIDTH, Canvas, Point, trace
from catalog.art.colour import darken, lighten
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel, thread

GROUND = 356.0


def draw_backpack(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the backpack of `spec`: straps and handle behind, side pockets, body, its closure and front pocket.

    `height` raises the body, `length` the front pocket, `thickness` rounds the shoulders; `split` is one of zip,
    rolltop, flap and a boxy commuter, `detail` 1 adds side pockets and 2 a pair of webbing straps.
    """
    shape, colours = spec.silhouette, spec.colourway
    top, half = 96 - 34 * shape.height, 106 - 8 * shape.height + (6 if shape.split == 3 else 0)
    body = _body_outline(top, half, 26 + 58 * shape.thickness)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_floor_shadow(canvas, (252, GROUND - 1), half + 62, 15)
    _draw_straps(canvas, spec, top, half)
    _draw_handle(canvas, spec, top)
    for flip in (False, True):
        _draw_side_pocket(canvas, spec, half, flip=flip)
    draw_panel(canvas, body, colours.base, paint, lift=0)
    canvas.begin(canvas.clip(body))
    if shape.split in (0, 3):
        _draw_zip(canvas, spec, top, half)
    _draw_base(canvas, spec, half)
    canvas.end()
    _draw_pocket(canvas, spec, paint, half)
    _draw_light(canvas, body)
    if shape.split == 1:
        _draw_roll(canvas, spec, top, half)
    if shape.split == 2:
        _draw_flap(canvas, spec, top, half)
    if shape.detail == 2:
        _draw_webbing(canvas, spec, top, half)
    _draw_emblem(canvas, spec, top)


def _mirror(points: list[Point]) -> list[Point]:
    return [(WIDTH - x, y) for x, y in points]


def _body_outline(top: float, half: float, round_off: float) -> str:
    left: list[Point] = [
        (250, top), (250 - half * 0.62, top), (250 - half + 2, top + round_off * 0.3), (250 - half,
        top + round_off + 26),
        (250 - half - 8, 190), (250 - half - 14, 268), (250 - half - 6, 330),
        (250 - half - 2, 350), (250 - half + 12, GROUND), (250 - half + 34, GROUND),
    ]  # fmt: skip
    right = _mirror(left)[::-1]
    return trace("M", left[0], "C", *left[1:4], "C", *left[4:7], "C", *left[7:10], "L", right[0], "C", *right[1:4],
                 "C", *right[4:7], "C", *right[7:10], "Z")  # fmt: skip


def _draw_straps(canvas: Canvas, spec: ArtSpec, top: float, half: float) -> None:
    colours = spec.colourway
    for flip in (False, True):
        strap: list[Point] = [
            (222, top + 4), (196, top - 22), (250 - half - 16, top + 10), (250 - half - 24, top + 92),
            (250 - half - 30, top + 150), (250 - half - 28, 262), (250 - half - 8, 306),
            (250 - half - 2, 296), (250 - half - 10, 250), (250 - half - 6, top + 120),
        ]  # fmt: skip
        strap = _mirror(strap) if flip else strap
        data = trace(
            "M", strap[0], "C", *strap[1:4], "C", *strap[4:7], "L", strap[7], "L", strap[8], "L", strap[9], "Z"
        )
        draw_panel(canvas, data, darken(colours.panel, 0.12), lift=2)
        edge = trace("M", strap[0], "C", *strap[1:4], "C", *strap[4:7])
        canvas.line(edge, lighten(colours.panel, 0.25), 1.6, 0.5)


def _draw_handle(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    colour = spec.colourway.panel
    rise = 30 if spec.silhouette.split != 1 else 12
    grip = trace("M", (220, top + 10), "C", (220, top - rise), (280, top - rise), (280, top + 10))
    canvas.line(grip, darken(colour, 0.55), 13).line(grip, colour, 11).line(grip, lighten(colour, 0.3), 2.4, 0.5)


def _draw_side_pocket(canvas: Canvas, spec: ArtSpec, half: float, *, flip: bool) -> None:
    reach = 20.0 if spec.silhouette.detail else 12.0
    pocket: list[Point] = [
        (250 - half + 4, 236), (250 - half - reach, 240), (250 - half - reach - 6, 300), (250 - half - reach + 4, 344),
        (250 - half + 20, 352),
    ]  # fmt: skip
    pocket = _mirror(pocket) if flip else pocket
    data = trace("M", pocket[0], "C", *pocket[1:4], "L", pocket[4], "Z")
    draw_panel(canvas, data, spec.colourway.panel, lift=1)
    canvas.path(data, "#0b0d12", 0.2 if flip else 0.06)


def _draw_zip(canvas: Canvas, spec: ArtSpec, top: float, half: float) -> None:
    colours, low = spec.colourway, 214 - 22 * spec.silhouette.length
    inset = 16.0
    track = trace("M", (250 - half + inset - 8, low), "C", (250 - half + inset - 2, top + 70),
                  (250 - half + inset + 12, top + 22), (250, top + 22),
                  "C", (250 + half - inset - 12, top + 22), (250 + half - inset + 2, top + 70),
                  (250 + half - inset + 8, low))  # fmt: skip
    canvas.line(track, darken(colours.base, 0.5), 8.4, 0.9).line(track, darken(colours.lining, 0.2), 5.4)
    canvas.line(track, "#c9ced6", 2.4, 0.9).line(track, "#50555e", 2.4, 1, "1 2.6")
    for step in (-8.5, 8.5):
        canvas.begin(transform=f"translate(0 {step})")
        canvas.stitch(track, thread(colours.base), 0.45).end()
    pull = trace("M", (306, top + 27), "l7 2l-3 22q-4 5 -8 0z")
    canvas.line(trace("M", (298, top + 26), "l10 3"), "#e3e6ea", 5)
    canvas.path(pull, colours.accent).line(pull, darken(colours.accent, 0.5), 0.8, 0.6)


def _draw_base(canvas: Canvas, spec: ArtSpec, half: float) -> None:
    colours = spec.colourway
    level = 330 if spec.silhouette.split != 3 else 338
    base = trace("M", (250 - half - 30, level), "Q", (250, level + 13), (250 + half + 30, level), "V400H100Z")
    draw_panel(canvas, base, colours.panel, lift=-1.2)
    canvas.stitch(trace("M", (250 - half - 14, level + 6), "Q", (250, level + 18), (250 + half + 14, level + 6)),
                  thread(colours.panel))  # fmt: skip


def _draw_pocket(canvas: Canvas, spec: ArtSpec, paint: str, half: float) -> None:
    """The front pocket: bellowed, with its own zip along the top edge."""
    colours, shape = spec.colourway, spec.silhouette
    top, wide = 244 - 34 * shape.length, half - 22
    if shape.split == 3:
        top, wide = 206, half - 10
    colour = colours.panel if shape.split == 1 else colours.base
    data = trace(
        "M", (250 - wide + 20, top), "L", (250 + wide - 20, top), "Q", (250 + wide - 2, top), (250 + wide, top + 20),
        "L", (250 + wide + 3, 322), "Q", (250 + wide + 2, 340), (250 + wide - 18, 341),
        "Q", (250, 348), (250 - wide + 18, 341), "Q", (250 - wide - 2, 340), (250 - wide - 3, 322),
        "L", (250 - wide, top + 20), "Q", (250 - wide + 2, top), (250 - wide + 20, top), "Z",
    )  # fmt: skip
    draw_panel(canvas, data, colour, paint if colour == colours.base else "", lift=3.4)
    swell = canvas.radial([(0, "#ffffff", 0.22), (0.6, "#ffffff", 0.03), (1, "#0b0d12", 0.22)], (0.42, 0.34), 0.8)
    canvas.path(data, swell)
    seam = trace("M", (250 - wide + 8, top + 20), "Q", (250, top + 12), (250 + wide - 8, top + 20))
    canvas.line(seam, darken(colour, 0.55), 6.4, 0.9).line(seam, "#c9ced6", 2.2, 0.9)
    canvas.line(seam, "#50555e", 2.2, 1, "1 2.6")
    hem = trace("M", (250 - wide + 7, 322), "Q", (250 - wide + 8, 332), (250 - wide + 22, 333), "Q", (250, 340),
                (250 + wide - 22, 333), "Q", (250 + wide - 8, 332), (250 + wide - 7, 322))  # fmt: skip
    canvas.stitch(hem, thread(colour))
    tab = trace("M", (250 - wide + 14, top + 17), "l-2 20q4 5 8 0l1 -20z")
    canvas.path(tab, colours.accent).line(tab, darken(colours.accent, 0.5), 0.8, 0.6)


def _draw_light(canvas: Canvas, body: str) -> None:
    side = canvas.linear([(0, "#0b0d12", 0.3), (0.16, "#0b0d12", 0.02), (0.36, "#ffffff", 0.13), (0.6, "#0b0d12", 0),
                          (1, "#0b0d12", 0.36)], (0, 0), (1, 0))  # fmt: skip
    down = canvas.linear([(0, "#ffffff", 0.2), (0.24, "#ffffff", 0), (0.66, "#0b0d12", 0), (1, "#0b0d12", 0.28)])
    canvas.path(body, side).path(body, down)


def _draw_roll(canvas: Canvas, spec: ArtSpec, top: float, half: float) -> None:
    """A rolled closure, lying across the top and held down by a buckled strap."""
    colours = spec.colourway
    wide = half + 6
    roll = trace("M", (250 - wide + 8, top - 6), "Q", (250, top - 16), (250 + wide - 8, top - 6),
                 "Q", (250 + wide + 6, top + 16), (250 + wide - 6, top + 36), "Q", (250, top + 46),
                 (250 - wide + 6, top + 36), "Q", (250 - wide - 6, top + 16), (250 - wide + 8, top - 6),
                 "Z")  # fmt: skip
    draw_panel(canvas, roll, colours.base, lift=4)
    canvas.path(roll, canvas.linear([(0, "#ffffff", 0.26), (0.45, "#ffffff", 0.02), (1, "#0b0d12", 0.42)]))
    for rise in (8, 22):
        canvas.line(trace("M", (250 - wide + 6, top + rise), "Q", (250, top + rise - 8), (250 + wide - 6, top + rise)),
                    darken(colours.base, 0.6), 1.4, 0.5)  # fmt: skip
    _draw_strap(canvas, spec, 250, top - 12, top + 92)


def _draw_flap(canvas: Canvas, spec: ArtSpec, top: float, half: float) -> None:
    colours, low, wide = spec.colourway, top + 112, half + 4
    flap = trace(
        "M", (250 - half * 0.66, top - 6), "Q", (250, top - 14), (250 + half * 0.66, top - 6),
        "C", (250 + wide, top + 2), (250 + wide + 2, top + 40), (250 + wide, low - 20), "Q", (250 + wide, low),
        (250 + wide - 22, low + 2),
        "Q", (250, low + 14), (250 - wide + 22, low + 2), "Q", (250 - wide, low), (250 - wide, low - 20),
        "C", (250 - wide - 2, top + 40), (250 - wide, top + 2), (250 - half * 0.66, top - 6), "Z",
    )  # fmt: skip
    draw_panel(canvas, flap, colours.panel, lift=5)
    canvas.path(flap, canvas.linear([(0, "#ffffff", 0.24), (0.5, "#ffffff", 0.0), (1, "#0b0d12", 0.24)]))
    hem = trace("M", (250 - wide + 6, top + 50), "L", (250 - wide + 6, low - 20), "Q", (250 - wide + 8, low - 6),
                (250 - wide + 24, low - 4), "Q", (250, low + 7), (250 + wide - 24, low - 4), "Q", (250 + wide - 8,
                low - 6),
                (250 + wide - 6, low - 20), "L", (250 + wide - 6, top + 50))  # fmt: skip
    canvas.stitch(hem, thread(colours.panel))


def _draw_webbing(canvas: Canvas, spec: ArtSpec, top: float, half: float) -> None:
    low = top + 150 if spec.silhouette.split == 2 else 232
    high = top + 60 if spec.silhouette.split == 2 else top + 40
    for x in (250 - half * 0.52, 250 + half * 0.52):
        _draw_strap(canvas, spec, x, high, low)


def _draw_strap(canvas: Canvas, spec: ArtSpec, x: float, high: float, low: float) -> None:
    """A vertical webbing strap with a metal buckle two thirds down."""
    colours, y = spec.colourway, high + (low - high) * 0.66
    strap = trace("M", (x - 8, high), "h16", "L", (x + 8, low), "l-8 7l-8 -7Z")
    draw_panel(canvas, strap, colours.lining if spec.silhouette.split == 2 else colours.panel, lift=2)
    canvas.stitch(trace("M", (x - 5, high + 3), "L", (x - 5, low - 2)), thread(colours.panel), 0.5)
    frame = trace("M", (x - 12, y - 10), "h24q3 0 3 3v14q0 3 -3 3h-24q-3 0 -3 -3v-14q0 -3 3 -3z")
    canvas.begin(transform="translate(1 2)").line(frame, "#0b0d12", 4, 0.4).end()
    canvas.line(frame, "#8d939c", 4).line(frame, "#e6e9ee", 1.8).line(trace("M", (x - 14, y), "h26"), "#d5d9df", 2.6)


def _draw_emblem(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    shape, colours = spec.silhouette, spec.colourway
    if shape.split == 2:
        draw_mark(canvas, spec.mark, (250, top + 50), 60, colours.accent)
    elif shape.split == 3:
        draw_mark(canvas, spec.mark, (250, 282), 96, colours.accent)
    else:
        draw_mark(canvas, spec.mark, (250, 296 - 14 * shape.length), 78, colours.accent)
