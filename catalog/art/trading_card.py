"""The trading card, leaning on the floor: base, foil, framed, relic and graded shapes."""

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import contrast, darken, lighten, mix
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.scenes import draw_scene
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel, thread

WIDE, TALL = 212.0, 297.0
CENTRE: Point = (250, 198)
RAINBOW = ("#ff8fa8", "#ffd98a", "#a8f0c0", "#8fd0ff", "#c9a4ff", "#ff9ad0")


def draw_trading_card(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the card of `spec`: another one behind it, the stock, the picture, the plate, then foil or slab.

    `thickness` widens the border; `split` is one of plain, foil, a double frame and a piece of cloth let in, `detail` 1
    numbers the card with a seal, 2 puts it into a graded slab.
    """
    is_graded = spec.silhouette.detail == 2
    draw_floor_shadow(canvas, (254, 352), 132 if is_graded else 124, 13)
    if is_graded:
        canvas.begin(transform="rotate(-3 250 200)")
        _draw_slab_back(canvas)
        canvas.begin(transform="translate(54 56) scale(.784)")
    else:
        canvas.begin(transform="rotate(7 250 340)")
        _draw_card_back(canvas, spec)
        canvas.end().begin(transform="rotate(-5 250 340)")
    _draw_front(canvas, spec)
    if is_graded:
        canvas.end()
        _draw_slab_front(canvas, spec)
    canvas.end()


def _box(centre: Point, width: float, height: float, corner: float) -> str:
    """The closed outline of a box with small round corners."""
    x, y, c = centre[0] - width / 2, centre[1] - height / 2, corner
    return trace(
        "M", (x + c, y), "L", (x + width - c, y), "Q", (x + width, y), (x + width, y + c),
        "L", (x + width, y + height - c), "Q", (x + width, y + height), (x + width - c, y + height),
        "L", (x + c, y + height), "Q", (x, y + height), (x, y + height - c), "L", (x, y + c), "Q", (x, y), (x + c, y),
        "Z",
    )  # fmt: skip


def _draw_card_back(canvas: Canvas, spec: ArtSpec) -> None:
    """The card behind, of which a rim shows: the reverse with its lattice."""
    colours = spec.colourway
    sheet = _box(CENTRE, WIDE, TALL, 9)
    canvas.shadow(sheet, 4, 0.25)
    draw_panel(canvas, sheet, "#f4f1ea", lift=0)
    inner = _box(CENTRE, WIDE - 18, TALL - 18, 5)
    tone = colours.panel if contrast(colours.panel, "#f4f1ea") > 1.5 else darken(colours.panel, 0.4)
    weave = f'<path d="M0 6L6 0L12 6L6 12Z" fill="none" stroke="{lighten(tone, 0.4)}" stroke-width="1.2"/>'
    draw_panel(canvas, inner, tone, canvas.tile(12, 12, weave), lift=0)


def _frame_colour(spec: ArtSpec) -> str:
    return spec.colourway.panel if spec.silhouette.split in (1, 2) else spec.colourway.base


def _draw_front(canvas: Canvas, spec: ArtSpec) -> None:
    colours, shape = spec.colourway, spec.silhouette
    border = 9 + 12 * shape.thickness
    sheet = _box(CENTRE, WIDE, TALL, 9)
    canvas.shadow(sheet, 5, 0.32)
    draw_panel(canvas, sheet, "#f7f5f0", lift=0)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_panel(canvas, _box(CENTRE, WIDE - 12, TALL - 12, 6), _frame_colour(spec), paint, lift=0)
    if shape.split == 2:
        _draw_metal_frame(canvas, spec)
    width, height = WIDE - 12 - 2 * border, 186.0
    middle: Point = (250, CENTRE[1] - TALL / 2 + 8 + border + height / 2)
    _draw_picture(canvas, spec, middle, width, height)
    _draw_plate(canvas, spec, middle[1] + height / 2, width)
    if shape.split == 1:
        _draw_foil(canvas, sheet)
    if shape.split == 3:
        _draw_relic(canvas, spec)
    if shape.detail == 1:
        _draw_seal(canvas, spec)
    sheen = canvas.linear([(0, "#ffffff", 0.3), (0.3, "#ffffff", 0.06), (0.5, "#ffffff", 0), (1, "#0b0d12", 0.14)],
                          (0, 0), (1, 1))  # fmt: skip
    canvas.path(sheet, sheen)


def _draw_metal_frame(canvas: Canvas, spec: ArtSpec) -> None:
    metal = "#d9b56a" if spec.colourway.family in ("red", "black", "purple", "green", "yellow") else "#c3c8cf"
    stops = [(0, lighten(metal, 0.6)), (0.3, metal), (0.5, lighten(metal, 0.5)), (0.7, darken(metal, 0.2)), (1, metal)]
    paint = canvas.linear(stops, (0, 0), (1, 1))
    for inset, width in ((25, 3.4), (34, 1.4)):
        canvas.line(_box(CENTRE, WIDE - inset, TALL - inset, 5), paint, width)
    for x in (-1, 1):
        for y in (-1, 1):
            corner = (250 + x * (WIDE / 2 - 13), CENTRE[1] + y * (TALL / 2 - 13))
            canvas.path(trace("M", corner, "m", (0, -8), "l", (8, 8), (-8, 8), (-8, -8), "Z"), paint)


def _draw_picture(canvas: Canvas, spec: ArtSpec, centre: Point, width: float, height: float) -> None:
    """The scene with the mark as its hero, rays behind it and a star below each corner."""
    window = _box(centre, width, height, 5)
    canvas.begin(canvas.clip(window))
    draw_scene(canvas, spec, centre, width, height)
    rays = "".join(
        trace("M", centre, "L", (centre[0] + dx, centre[1] - 170), (centre[0] + dx + 26, centre[1] - 170), "Z")
        for dx in range(-190, 190, 62)
    )
    canvas.path(rays, "#ffffff", 0.1)
    halo = canvas.radial([(0, "#ffffff", 0.75), (0.55, "#ffffff", 0.22), (1, "#ffffff", 0)])
    canvas.ellipse((centre[0], centre[1] - 6), width * 0.42, width * 0.42, halo)
    ink = spec.colourway.accent if contrast(spec.colourway.accent, "#ffffff") > 2.4 else "#1b2230"
    canvas.begin(transform="translate(3 4)")
    draw_mark(canvas, spec.mark, (centre[0], centre[1] - 4), width * 0.66, "#ffffff")
    canvas.end()
    draw_mark(canvas, spec.mark, (centre[0], centre[1] - 4), width * 0.66, ink)
    canvas.end()
    canvas.line(window, "#0b0d12", 2, 0.45)
    inner = _box(centre, width - 5, height - 5, 3)
    canvas.line(inner, "#ffffff", 1, 0.5)


def _draw_plate(canvas: Canvas, spec: ArtSpec, top: float, width: float) -> None:
    """The name plate across the picture's foot, lines of print and a row of figures below it."""
    colours, low = spec.colourway, CENTRE[1] + TALL / 2
    frame = _frame_colour(spec)
    plate = trace("M", (250 - width / 2 - 4, top - 15), "L", (250 + width / 2 - 12, top - 15), (250 + width / 2 + 4,
                  top),
                  (250 + width / 2 - 12, top + 15), (250 - width / 2 - 4, top + 15), "Z")  # fmt: skip
    tone = colours.accent if contrast(colours.accent, frame) > 1.5 else colours.lining
    draw_panel(canvas, plate, tone, lift=2.6)
    left, ink = 250 - width / 2 + 10, _print_on(tone)
    _draw_name(canvas, spec, (left, top), ink)
    area = low - 18 - (top + 27)
    rows = "".join(
        f"{trace('M', (left, top + 27 + area * n / 3))}h{width * share:.1f}"
        for n, share in enumerate((0.62, 0.54, 0.58))
    )
    canvas.line(rows, _print_on(frame), 2.6, 0.55)
    corner: Point = (250 + width / 2 - 17, (top + 24 + low - 15) / 2 + 1)
    figures = _box(corner, 32, max(22.0, area + 4), 4)
    canvas.path(figures, tone, 0.9).line(figures, _print_on(frame), 1, 0.4)
    _draw_number(canvas, corner, spec.random("number").randint(2, 9), ink)


def _print_on(colour: str) -> str:
    """White or black print, whichever reads better on `colour`."""
    return "#ffffff" if contrast(colour, "#ffffff") > contrast(colour, "#16181d") else "#16181d"


def _draw_name(canvas: Canvas, spec: ArtSpec, start: Point, ink: str) -> None:
    """Two words of print, told by the rhythm of their letters alone."""
    rng = spec.random("print")
    x, y = start
    letters = ""
    for _ in range(2):
        for wide in (rng.randint(1, 5) for _ in range(rng.randint(3, 5))):
            letters += f"{trace('M', (x, y))}h{wide}"
            x += wide + 8.4
        x += 7
    canvas.line(letters, ink, 6)


def _draw_number(canvas: Canvas, centre: Point, value: int, ink: str, size: float = 1.0) -> None:
    """One digit in strokes, after the seven segments, so that no font is needed."""
    x, y, w, h = centre[0], centre[1], 4.6 * size, 7.6 * size
    a, b, c, d, e, f = (x - w, y - h), (x + w, y - h), (x - w, y), (x + w, y), (x - w, y + h), (x + w, y + h)
    lines = {0: (a, b), 1: (a, c), 2: (b, d), 3: (c, d), 4: (c, e), 5: (d, f), 6: (e, f)}
    lit = {0: "012456", 1: "25", 2: "02346", 3: "02356", 4: "1235", 5: "01356", 6: "013456", 7: "025", 8: "0123456",
           9: "012356"}[value]  # fmt: skip
    data = "".join(trace("M", lines[int(part)][0], "L", lines[int(part)][1]) for part in lit)
    canvas.line(data, ink, 3.2 * size)


def _draw_foil(canvas: Canvas, sheet: str) -> None:
    """A rainbow that lies over the whole front, in bands as a prism breaks them."""
    stops = [(place / 11, RAINBOW[place % 6], 0.08 if place % 2 else 0.38) for place in range(12)]
    canvas.path(sheet, canvas.linear(stops, (0, 0.1), (1, 0.9)))
    shard = '<path d="M0 14L14 0M-3 3L3 -3M11 17L17 11" stroke="#fff" stroke-width="1.2" opacity=".16"/>'
    canvas.path(sheet, canvas.tile(14, 14, shard))


def _draw_relic(canvas: Canvas, spec: ArtSpec) -> None:
    """A round piece of cloth, let in at the picture's lower left and sewn all round."""
    colour = spec.colourway.panel
    centre: Point = (188, 214)
    canvas.ellipse((centre[0], centre[1]), 34, 34, "#f7f5f0").ellipse(centre, 30.5, 30.5, darken(colour, 0.55))
    canvas.ellipse((centre[0], centre[1] + 1), 29, 29, colour)
    weave = (
        f'<path d="M0 1.2H5M0 3.700H5" stroke="{darken(colour, 0.35)}" stroke-width="1" opacity=".6"/>'
        f'<path d="M1.2 0V5M3.700 0V5" stroke="{lighten(colour, 0.35)}" stroke-width=".8" opacity=".5"/>'
    ).replace("00", "")
    canvas.ellipse((centre[0], centre[1] + 1), 29, 29, canvas.tile(5, 5, weave, 18))
    canvas.ellipse(centre, 30, 30, canvas.radial([(0.7, "#0b0d12", 0), (1, "#0b0d12", 0.4)]))
    ring = trace("M", (centre[0] - 24.5, centre[1] + 1), "a", (24.5, 24.5), " 0 1 1", (49, 0), "a", (24.5, 24.5),
                 " 0 1 1",
                 (-49, 0), "Z")  # fmt: skip
    canvas.stitch(ring, thread(colour), 0.9)


def _draw_seal(canvas: Canvas, spec: ArtSpec) -> None:
    """The seal of a numbered card: a toothed round in metal."""
    x, y = 250 + WIDE / 2 - 38, CENTRE[1] - TALL / 2 + 40
    metal = canvas.linear([(0, "#fff4d0"), (0.4, "#d9b56a"), (0.6, "#f4dfa6"), (1, "#a47a32")], (0, 0), (1, 1))
    canvas.ellipse((x + 1, y + 2), 20, 20, "#0b0d12", 0.3).ellipse((x, y), 19, 19, metal)
    canvas.ticks((x, y), 18.5, 28, length=4, width=2.2, colour="#8a6426", opacity=0.5)
    canvas.ellipse((x, y), 13.5, 13.5, darken("#d9b56a", 0.12)).ellipse((x, y), 12.5, 12.5, metal)
    _draw_number(canvas, (x, y), spec.random("seal").randint(1, 9), "#5c4216", 0.86)


def _draw_slab_back(canvas: Canvas) -> None:
    slab = _box((250, 194), 214, 330, 12)
    canvas.shadow(slab, 5, 0.3)
    canvas.path(slab, canvas.linear([(0, "#f4f7fa"), (0.5, "#dfe5eb"), (1, "#c4ccd6")], (0, 0), (1, 1)))
    canvas.line(slab, "#8d97a4", 1.4, 0.9)
    well = _box((250, 214), 180, 248, 8)
    canvas.path(well, "#aeb7c3", 0.7).line(well, "#ffffff", 1.6, 0.9)


def _draw_slab_front(canvas: Canvas, spec: ArtSpec) -> None:
    """The label with its grade above the card, and the acrylic's edges and glare over everything."""
    colours = spec.colourway
    tone = mix(colours.base, "#16181d", 0.15)
    label = _box((250, 60), 184, 44, 5)
    canvas.path(label, "#fbfaf6").line(label, tone, 2.4)
    canvas.path(trace("M", (296, 39), "L", (337, 39), "Q", (341, 39), (341, 43), "L", (341, 77), "Q", (341, 81),
                      (337, 81),
                      "L", (296, 81), "Z"), tone)  # fmt: skip
    _draw_number(canvas, (319, 60), spec.random("grade").choice((8, 9, 9)), _print_on(tone), 1.3)
    draw_mark(canvas, spec.mark, (184, 60), 34, tone if contrast(tone, "#fbfaf6") > 1.8 else "#3a4250")
    canvas.line("M212 52h66M212 61h48M212 69h58", "#3a4250", 3, 0.6)
    slab = _box((250, 194), 214, 330, 12)
    canvas.line(_box((250, 194), 207, 323, 9), "#ffffff", 3, 0.65).line(slab, "#6f7a88", 1.2, 0.8)
    glare = trace("M", (150, 32), "L", (236, 32), (168, 356), (146, 356), "L", (146, 40), "Z")
    canvas.path(glare, canvas.linear([(0, "#ffffff", 0.36), (1, "#ffffff", 0.05)], (0, 0), (1, 1)))
