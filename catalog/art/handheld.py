"""The handheld console seen from the front: wide, pocket, clamshell, pro and micro shapes."""

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import contrast, darken, lighten, mix
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.scenes import draw_scene
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel


def draw_handheld(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the console of `spec`: body with its edge, screen with a game on it, then sticks, keys and grilles.

    `height` is the body's, `length` its width or the screen's, `thickness` the rounding; `split` is one of a wide
    body with the screen between the keys, an upright one and a clamshell, `detail` 1 adds sticks or a grille.
    """
    draw = (_draw_wide, _draw_upright, _draw_clamshell)[spec.silhouette.split]
    draw(canvas, spec)


def _box(centre: Point, width: float, height: float, corner: float) -> str:
    """The closed outline of a rounded box."""
    x, y, c = centre[0] - width / 2, centre[1] - height / 2, corner
    bend = c * 0.45
    return trace(
        "M", (x + c, y), "L", (x + width - c, y), "C", (x + width - bend, y), (x + width, y + bend), (x + width, y + c),
        "L", (x + width, y + height - c), "C", (x + width, y + height - bend), (x + width - bend, y + height),
        (x + width - c, y + height), "L", (x + c, y + height),
        "C", (x + bend, y + height), (x, y + height - bend), (x, y + height - c), "L", (x, y + c),
        "C", (x, y + bend), (x + bend, y), (x + c, y), "Z",
    )  # fmt: skip


def _draw_body(canvas: Canvas, spec: ArtSpec, data: str, colour: str, *, deep: float = 7) -> None:
    """One moulded half: a darker edge below, the face with its pattern, and the light along its rim."""
    canvas.begin(transform=f"translate(0 {deep})")
    canvas.path(
        data, canvas.linear([(0, darken(colour, 0.3)), (0.9, darken(colour, 0.42)), (1, darken(colour, 0.7))])
    ).end()
    paint = paint_pattern(canvas, spec.pattern, spec.colourway, spec.random("pattern"))
    draw_panel(canvas, data, colour, paint if colour == spec.colourway.base else "", lift=0)
    gloss = canvas.linear([(0, "#ffffff", 0.26), (0.34, "#ffffff", 0.04), (0.7, "#0b0d12", 0), (1, "#0b0d12", 0.24)],
                          (0.2, 0), (0.6, 1))  # fmt: skip
    canvas.path(data, gloss)
    canvas.begin(canvas.clip(data)).line(data, "#ffffff", 5, 0.3).end()


def _draw_screen(canvas: Canvas, spec: ArtSpec, centre: Point, width: float, height: float) -> None:
    """Glass bezel, the scene of a game, the brand's mark as its hero, and a reflection."""
    colours = spec.colourway
    bezel = _box(centre, width + 20, height + 20, 12)
    canvas.path(bezel, canvas.linear([(0, "#2a2d34"), (1, "#101216")])).line(bezel, "#000000", 1, 0.5)
    glass = _box(centre, width, height, 4)
    canvas.begin(canvas.clip(glass))
    draw_scene(canvas, spec, centre, width, height)
    size = min(width * 0.34, height * 0.56)
    draw_mark(canvas, spec.mark, (centre[0], centre[1] - height * 0.04), size, "#ffffff")
    for place in range(3):
        x = centre[0] - width / 2 + 14 + 13 * place
        canvas.dots([(x, centre[1] - height / 2 + 12)], 3.6, colours.accent if place < 2 else "#ffffff", 0.9)
    glare = trace("M", (centre[0] - width / 2, centre[1] - height / 2), "l", (width * 0.46, 0), (-width * 0.26, height),
                  (-width * 0.2, 0), "Z")  # fmt: skip
    canvas.path(glare, canvas.linear([(0, "#ffffff", 0.24), (1, "#ffffff", 0.02)])).end()
    canvas.line(glass, "#000000", 1.2, 0.7)


def _keys_colour(spec: ArtSpec) -> str:
    """A colour for the cross and small keys that stands out from the body."""
    base = spec.colourway.base
    return "#24272d" if contrast(base, "#24272d") > 2.2 else lighten(base, 0.72)


def _draw_cross(canvas: Canvas, spec: ArtSpec, centre: Point, reach: float) -> None:
    colour, (x, y), arm = _keys_colour(spec), centre, reach * 0.36
    canvas.ellipse((x, y + 1), reach * 1.32, reach * 1.32, "#0b0d12", 0.16)
    long = reach - arm
    data = trace("M", (x - arm, y - reach), "l", (2 * arm, 0), (0, long), (long, 0), (0, 2 * arm), (-long, 0), (0,
                 long),
                 (-2 * arm, 0), (0, -long), (-long, 0), (0, -2 * arm), (long, 0), "Z")  # fmt: skip
    canvas.shadow(data, 2.6, 0.4).line(data, darken(colour, 0.2), 3).path(data, colour)
    canvas.path(data, canvas.radial([(0, "#0b0d12", 0.4), (0.4, "#ffffff", 0.02), (1, "#ffffff", 0.24)]))


def _draw_buttons(canvas: Canvas, spec: ArtSpec, centres: list[Point], radius: float) -> None:
    """Round keys: a dark well, the domed cap and its highlight."""
    accent = spec.colourway.accent
    colour = accent if contrast(accent, spec.colourway.base) >= 1.6 else _keys_colour(spec)
    canvas.dots([(x, y + 2.4) for x, y in centres], radius + 1.6, "#0b0d12", 0.34)
    canvas.dots(centres, radius, darken(colour, 0.35)).dots([(x, y - 1) for x, y in centres], radius - 1, colour)
    canvas.dots([(x - radius * 0.28, y - radius * 0.4) for x, y in centres], radius * 0.3, "#ffffff", 0.42)


def _draw_stick(canvas: Canvas, spec: ArtSpec, centre: Point, radius: float) -> None:
    x, y = centre
    cap = spec.colourway.panel if contrast(spec.colourway.panel, spec.colourway.base) > 1.3 else _keys_colour(spec)
    canvas.ellipse((x, y), radius * 1.3, radius * 1.3, "#14161a").ellipse(
        (x + 2, y + 5), radius, radius, "#0b0d12", 0.6
    )
    canvas.ellipse((x, y - 1), radius, radius, darken(cap, 0.4))
    dome = canvas.radial([(0, darken(cap, 0.3)), (0.7, cap), (1, lighten(cap, 0.35))], (0.45, 0.4), 0.6)
    canvas.ellipse((x, y - 2.5), radius * 0.92, radius * 0.92, dome)


def _draw_pills(canvas: Canvas, spec: ArtSpec, centres: list[Point], turn: float = 0) -> None:
    colour = _keys_colour(spec)
    for x, y in centres:
        canvas.begin(transform=f"rotate({turn:g} {x:g} {y:g})")
        pill = trace("M", (x - 7, y), "h14")
        canvas.line(pill, "#0b0d12", 8, 0.3).line(pill, colour, 6).end()


def _draw_grille(canvas: Canvas, centre: Point, colour: str) -> None:
    x, y = centre
    holes = [
        (x + 9 * column, y + 9 * row) for row in (-1, 0, 1) for column in (-2, -1, 0, 1, 2) if abs(row * column) < 2
    ]
    canvas.dots(holes, 2.1, darken(colour, 0.6), 0.75)


def _draw_wide(canvas: Canvas, spec: ArtSpec) -> None:
    colours, shape = spec.colourway, spec.silhouette
    width, height = 372 + 40 * shape.length, 166 + 36 * shape.height
    canvas.begin(transform="translate(0 2) rotate(-4 250 200)")
    draw_floor_shadow(canvas, (256, 212 + height / 2), width * 0.53, 20)
    body = _box((250, 200), width, height, 40 + 40 * shape.thickness)
    for side in (-1, 1):
        key = _box((250 + side * (width / 2 - 62), 200 - height / 2), 74, 18, 8)
        canvas.path(key, darken(colours.panel, 0.4)).line(key, darken(colours.panel, 0.7), 0.8)
    _draw_body(canvas, spec, body, colours.base)
    screen = width * 0.5
    canvas.begin(canvas.clip(body))
    for side in (-1, 1):
        edge = 250 + side * (screen / 2 + 15)
        canvas.line(trace("M", (edge, 60), "V340"), "#0b0d12", 1.6, 0.35)
        canvas.line(trace("M", (edge + 1.6, 60), "V340"), "#ffffff", 1, 0.25)
    canvas.end()
    _draw_screen(canvas, spec, (250, 200), screen, height - 52)
    left, right = 250 - screen / 2 - 14, 250 + screen / 2 + 14
    left, right = (left + 250 - width / 2) / 2 + 1, (right + 250 + width / 2) / 2 - 1
    if shape.detail:
        _draw_stick(canvas, spec, (left, 168), 17)
        _draw_stick(canvas, spec, (right, 236), 17)
        _draw_cross(canvas, spec, (left, 234), 18)
        _draw_buttons(canvas, spec, _diamond((right, 168), 16), 8)
    else:
        _draw_cross(canvas, spec, (left, 184), 25)
        _draw_buttons(canvas, spec, _diamond((right, 184), 20), 10)
        _draw_pills(canvas, spec, [(left, 244), (right, 244)], -20)
    canvas.end()


def _diamond(centre: Point, reach: float) -> list[Point]:
    x, y = centre
    return [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]


def _draw_upright(canvas: Canvas, spec: ArtSpec) -> None:
    colours, shape = spec.colourway, spec.silhouette
    width, height = 186 + 30 * shape.length, 286 + 40 * shape.height
    top, low = 198 - height / 2, 198 + height / 2
    draw_floor_shadow(canvas, (254, low + 10), width * 0.7, 14)
    canvas.begin(transform="rotate(3 250 200)")
    body = _box((250, 198), width, height, 18 + 26 * shape.thickness)
    _draw_body(canvas, spec, body, colours.base)
    high = height * 0.4
    frame = _box((250, top + 22 + high / 2), width - 24, high + 14, 14)
    draw_panel(canvas, frame, colours.panel, lift=1)
    _draw_screen(canvas, spec, (250, top + 22 + high / 2), width - 62, high - 22)
    keys = top + high + 42 + (low - top - high - 42) * 0.36
    _draw_cross(canvas, spec, (250 - width * 0.27, keys), 24)
    _draw_buttons(canvas, spec, _diamond((250 + width * 0.26, keys), 18), 9.4)
    _draw_pills(canvas, spec, [(250 - width * 0.27, low - 32), (250 + width * 0.26, low - 32)])
    _draw_grille(canvas, (250, low - 32), colours.base)
    canvas.end()


def _draw_clamshell(canvas: Canvas, spec: ArtSpec) -> None:
    colours = spec.colourway
    draw_floor_shadow(canvas, (252, 352), 172, 15)
    upper, lower = _box((250, 126), 252, 150, 20), _box((250, 276), 262, 142, 20)
    _draw_body(canvas, spec, lower, colours.base, deep=8)
    _draw_body(canvas, spec, upper, colours.panel, deep=4)
    hinge = canvas.linear([(0, lighten(colours.panel, 0.3)), (0.5, colours.panel), (1, darken(colours.panel, 0.6))])
    for x, wide in ((142, 40), (198, 104), (318, 40)):
        canvas.add(
            f'<rect x="{x}" y="194" width="{wide}" height="18" rx="7"'
            f' fill="{hinge}" stroke="#0b0d12" stroke-opacity=".3"/>'
        )
    _draw_screen(canvas, spec, (250, 124), 186, 108)
    for x in (136, 364):
        canvas.dots([(x, 112 + 8 * step) for step in range(4)], 1.8, "#0b0d12", 0.55)
    tray = _box((250, 276), 118, 92, 8)
    canvas.path(tray, mix(colours.base, "#0b0d12", 0.7)).path(
        tray, canvas.linear([(0, "#ffffff", 0.2), (0.5, "#ffffff", 0.03), (1, "#ffffff", 0)], (0, 0), (0.6, 1))
    )
    canvas.line(tray, "#0b0d12", 1.4, 0.5)
    draw_mark(canvas, spec.mark, (250, 276), 54, mix(colours.base, "#ffffff", 0.6))
    _draw_cross(canvas, spec, (155, 264), 21)
    _draw_buttons(canvas, spec, _diamond((345, 264), 17), 8.6)
    _draw_pills(canvas, spec, [(155, 316), (345, 316)])
