"""The slide sandal seen from the side, toe to the right: pool, cushion, buckle, sport and platform shapes."""

from dataclasses import dataclass

from catalog.art.canvas import Canvas, Point, along, shift, trace
from catalog.art.colour import darken, lighten, mix
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel, thread

GROUND = 300.0


@dataclass(frozen=True, slots=True)
class _Strap:
    """A strap's rear and front edge, as curves and with the crest between them, and what shows of its inside."""

    back: list[Point]
    fore: list[Point]
    edge: str
    outline: str
    inside: str
    mouth: str


def draw_slide(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the slide of `spec`: sole, footbed, the strap's far side, then its near side with what is on it.

    `height` raises the strap's arch, `length` moves it forward, `thickness` is the sole's; `split` is one of a single
    strap, two with buckles, a strap with a fold-over and a banded platform, `detail` 1 quilts or 2 stitches the strap.
    """
    shape = spec.silhouette
    top = GROUND - 44 - 30 * shape.thickness
    canvas.begin(transform="translate(-20 8) scale(1.06)")
    draw_floor_shadow(canvas, (262, GROUND + 1), 212)
    _draw_sole(canvas, spec, top)
    _draw_footbed(canvas, spec, top)
    if shape.split == 1:
        _draw_strap(canvas, spec, top, (150, 262), 96 + 16 * shape.height)
        _draw_strap(canvas, spec, top, (282, 396), 70 + 16 * shape.height, with_mark=False)
    else:
        _draw_strap(canvas, spec, top, (176 + 24 * shape.length, 398), 104 + 22 * shape.height)
    canvas.end()


def _rim(top: float) -> list[Point]:
    """The footbed's near edge from heel to toe: a raised heel cup, a dip and a lifted toe."""
    return [(78, top - 14), (120, top + 14), (150, top + 16), (212, top + 10),
            (290, top + 2), (390, top + 18), (442, top - 4)]  # fmt: skip


def _sole_outline(top: float, flare: float) -> str:
    rim = _rim(top)
    return trace(
        "M", rim[0], "C", *rim[1:4], "C", *rim[4:7],
        "C", (452, top - 2), (454, top + 14), (449, top + 24), "C", (440, GROUND - 12), (424, GROUND), (394, GROUND),
        "L", (106, GROUND), "C", (88, GROUND), (78 - flare, GROUND - 8), (74 - flare, GROUND - 22),
        "C", (70 - flare, top + 10), (66, top - 14), (78, top - 14), "Z",
    )  # fmt: skip


def _draw_sole(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    colours, shape = spec.colourway, spec.silhouette
    data, foam = _sole_outline(top, 2 + 4 * shape.thickness), colours.sole
    stops = [(0, lighten(foam, 0.4)), (0.3, foam), (0.8, darken(foam, 0.1)), (1, darken(foam, 0.34))]
    canvas.path(data, canvas.linear(stops)).begin(canvas.clip(data))
    if shape.split == 3:
        for place, colour in enumerate((colours.panel, colours.accent)):
            y = GROUND - 48 + 17 * place
            band = trace("M", (50, y), "C", (180, y + 6), (320, y + 6), (470, y - 8), "L", (470, y + 2),
                         "C", (320, y + 16), (180, y + 16), (50, y + 10), "Z")  # fmt: skip
            canvas.path(band, colour)
    else:
        wedge = trace("M", (40, top + 30), "C", (140, top + 44), (230, top + 34), (300, top + 30),
                      "C", (370, top + 28), (420, top + 34), (470, top + 8), "V460H40Z")  # fmt: skip
        canvas.path(wedge, mix(colours.panel, foam, 0.3))
        canvas.line(wedge, darken(foam, 0.5), 1.2, 0.35)
    tread = trace(
        "M", (50, GROUND - 9), "L", (396, GROUND - 9), "Q", (436, GROUND - 14), (460, GROUND - 34), "V460H50Z"
    )
    canvas.path(tread, colours.outsole)
    for x in range(92, 420, 13):
        canvas.line(trace("M", (x, GROUND - 7), "v8"), "#0b0d12", 2.2, 0.28)
    ends = canvas.linear([(0, "#0b0d12", 0.32), (0.12, "#0b0d12", 0.02), (0.4, "#ffffff", 0.08), (0.86, "#0b0d12", 0),
                          (1, "#0b0d12", 0.26)], (0, 0), (1, 0))  # fmt: skip
    canvas.path(data, ends).path(data, canvas.linear([(0.4, "#0b0d12", 0), (1, "#0b0d12", 0.2)])).end()
    canvas.line(data, darken(foam, 0.55), 0.9, 0.5)


def _draw_footbed(canvas: Canvas, spec: ArtSpec, top: float) -> None:
    """The bed as a lens between near and far edge, with the heel cup's inner wall and its texture."""
    colours, near = spec.colourway, _rim(top)
    far: list[Point] = [(442, top - 4), (400, top - 14), (310, top - 10), (236, top - 10),
                        (176, top - 10), (112, top - 22), (78, top - 14)]  # fmt: skip
    data = trace("M", near[0], "C", *near[1:4], "C", *near[4:7], "C", *far[1:4], "C", *far[4:7], "Z")
    bed = mix(colours.lining, colours.base, 0.25)
    stops = [(0, darken(bed, 0.42)), (0.14, darken(bed, 0.1)), (0.55, lighten(bed, 0.14)), (1, darken(bed, 0.12))]
    canvas.path(data, canvas.linear(stops, (0, 0), (1, 0)))
    dot = f'<path d="M1.5 1.5h0M5 3.5h0" stroke="{darken(bed, 0.5)}" stroke-width="1.6" opacity=".5"/>'
    canvas.path(data, canvas.tile(7, 4, dot))
    canvas.line(data, darken(bed, 0.55), 0.9, 0.55)
    lip = shift(near, 0, 3)
    canvas.line(trace("M", lip[0], "C", *lip[1:4], "C", *lip[4:7]), "#ffffff", 1.4, 0.35)


def _cut_strap(top: float, feet: Point, rise: float) -> _Strap:
    """Cut a strap: `feet` are its rear and front x at the sole's `top`, `rise` its height above it."""
    rear, front = feet
    width, crest = front - rear, top - rise
    peak: Point = (rear + 0.24 * width, crest)
    nose: Point = (rear + 0.8 * width, crest + 0.42 * rise)
    back: list[Point] = [
        (rear, top + 15), (rear - 5, top - 0.36 * rise), (rear + 0.02 * width, crest + 0.1 * rise), peak,
    ]  # fmt: skip
    fore: list[Point] = [
        nose, (rear + 0.9 * width, crest + 0.57 * rise), (front + 1, top - 0.24 * rise), (front + 1, top + 15),
    ]  # fmt: skip
    edge = trace(
        "M", back[0], "C", *back[1:], "C", (rear + 0.38 * width, crest - 0.03 * rise),
        (rear + 0.66 * width, crest + 0.22 * rise), nose, "C", *fore[1:],
    )  # fmt: skip
    return _Strap(
        back=back,
        fore=fore,
        edge=edge,
        outline=edge + trace("Q", (rear + width / 2, top + 21), back[0], "Z"),
        inside=trace(
            "M", (rear - 13, top - 2), "C", (rear - 19, top - 0.44 * rise), (rear - 0.07 * width, crest + 4), peak,
            "L", (rear + 0.2 * width, top), "Z",
        ),
        mouth=trace(
            "M", nose, "C", (rear + 0.96 * width, crest + 0.56 * rise), (front + 11, top - 0.24 * rise),
            (front + 11, top + 6), "L", (front - 10, top + 8), "Z",
        ),
    )  # fmt: skip


def _draw_strap(canvas: Canvas, spec: ArtSpec, top: float, feet: Point, rise: float, *, with_mark: bool = True) -> None:
    """One strap from the near edge over the foot, its far side first."""
    colours, strap = spec.colourway, _cut_strap(top, feet, rise)
    middle = feet[0] + 0.46 * (feet[1] - feet[0])
    depth = canvas.linear([(0, darken(colours.lining, 0.3)), (1, darken(colours.lining, 0.72))], (0, 0), (0.4, 1))
    canvas.path(strap.inside, depth).line(strap.inside, darken(colours.lining, 0.6), 0.9, 0.6)
    canvas.path(strap.mouth, darken(colours.lining, 0.7))
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_panel(canvas, strap.outline, colours.base, paint, lift=3)
    canvas.begin(canvas.clip(strap.outline))
    _dress_strap(canvas, spec, strap, ((feet[0] + feet[1]) / 2, top - rise / 2))
    canvas.path(strap.outline, canvas.linear([(0, "#ffffff", 0.3), (0.3, "#ffffff", 0.02), (0.6, "#0b0d12", 0),
                                              (1, "#0b0d12", 0.36)], (0.35, 0), (0.5, 1)))  # fmt: skip
    canvas.path(strap.outline, canvas.linear([(0, "#0b0d12", 0.24), (0.22, "#0b0d12", 0), (0.8, "#0b0d12", 0),
                                              (1, "#0b0d12", 0.24)], (0, 0), (1, 0)))  # fmt: skip
    canvas.end()
    for side, step in ((strap.back, 5), (strap.fore, -5)):
        row = shift(side, step, 2)
        canvas.stitch(trace("M", row[0], "C", *row[1:]), thread(colours.base))
    has_buckle = spec.silhouette.split == 1
    if with_mark:
        size, share = (44, 0.2) if has_buckle else (92, 0.34)
        draw_mark(canvas, spec.mark, (middle, top - share * rise), size, colours.accent, turn=4)
    if has_buckle:
        _draw_buckle(canvas, (middle, top - (0.62 if with_mark else 0.44) * rise))


def _dress_strap(canvas: Canvas, spec: ArtSpec, strap: _Strap, centre: Point) -> None:
    """What lies on the strap below the light: a fold-over with its edge, or a binding all round; and quilting."""
    colours, shape, (x, y) = spec.colourway, spec.silhouette, centre
    if shape.split == 2:
        flap = trace(
            "M", (x - 34, 0), "C", (x - 26, y - 20), (x - 40, y + 30), (x - 22, 330), "L", (x + 44, 330),
            "C", (x + 30, y + 30), (x + 46, y - 20), (x + 30, 0), "Z",
        )  # fmt: skip
        draw_panel(canvas, flap, colours.panel, lift=2)
    elif shape.split in (0, 3):
        canvas.line(strap.edge, darken(colours.panel, 0.5), 20, 0.4).line(strap.edge, colours.panel, 17)
    if shape.detail == 1:
        for share in (0.22, 0.46, 0.7):
            near, far = along(strap.back, 1 - share), along(strap.fore, share)
            seam = trace("M", near, "Q", ((near[0] + far[0]) / 2, (near[1] + far[1]) / 2 - 26), far)
            canvas.line(seam, "#0b0d12", 5, 0.16)
            canvas.begin(transform="translate(0 4)").line(seam, "#ffffff", 4, 0.16).end()


def _draw_buckle(canvas: Canvas, centre: Point) -> None:
    x, y = centre
    frame = trace("M", (x - 17, y - 13), "h34q4 0 4 4v18q0 4 -4 4h-34q-4 0 -4 -4v-18q0 -4 4 -4z")
    canvas.begin(transform="translate(1 2)").line(frame, "#0b0d12", 4.6, 0.4).end()
    canvas.line(frame, "#8d939c", 4.6).line(frame, "#e6e9ee", 2)
    canvas.line(trace("M", (x - 19, y), "h34"), "#d5d9df", 3)
