"""The running shoe: tempo, chunky, racer, trail and heritage shapes."""

from catalog.art.canvas import Canvas, Point, along, shift, trace
from catalog.art.colour import darken, lighten, mix
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.shoe import GROUND, Last, draw_inside, draw_laces, light_upper, make_last
from catalog.art.spec import ArtSpec
from catalog.art.studio import cloth, draw_floor_shadow, draw_panel, thread


def draw_runner(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the shoe of `spec`: a mesh upper with fused overlays on a sculpted foam sole."""
    shape, colours = spec.silhouette, spec.colourway
    last = make_last(
        heel_top=174 - 14 * shape.height,
        collar_dip=200 - 8 * shape.height,
        throat_top=(222, 158 - 8 * shape.height),
        sole_top=GROUND - 40 - 14 * shape.thickness,
        toe=0.3 + 0.4 * shape.length,
    )
    canvas.begin(transform="translate(-33 -34) scale(1.1)")
    draw_floor_shadow(canvas, (262, GROUND + 1), 210)
    draw_inside(canvas, last, colours)
    _draw_mesh(canvas, last, spec)
    canvas.begin(canvas.clip(last.outline))
    _draw_overlays(canvas, last, spec)
    _draw_heel(canvas, last, spec)
    canvas.end()
    draw_mark(canvas, spec.mark, (202, last.sole_top - 36), 72, colours.accent, turn=-10)
    light_upper(canvas, last)
    draw_laces(canvas, last, colours, 6, reach=13)
    _draw_pull_tab(canvas, last, spec)
    _draw_foam(canvas, last, spec)
    canvas.end()


def _draw_mesh(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours = spec.colourway
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    draw_panel(canvas, last.outline, colours.base, paint, lift=0)
    hole, rib = darken(colours.base, 0.4), lighten(colours.base, 0.3)
    content = (
        f'<path d="M1.500 1.500h0M4.500 4.500h0" stroke="{hole}" stroke-width="1.700" opacity=".45"/>'
        f'<path d="M4.500 1.200h0M1.500 4.200h0" stroke="{rib}" stroke-width="1" opacity=".5"/>'
    )
    if spec.pattern not in ("knit", "ripstop"):
        canvas.path(last.outline, canvas.tile(6, 6, content.replace("00", ""), 12))


def _draw_overlays(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, t, y, split = spec.colourway, last.throat, last.sole_top, spec.silhouette.split
    guard: list[Point] = [(300, y + 10), (352, y - 12), (396, y - 24), (446, y - 34)]
    if split in (1, 3):
        guard = [(286, y + 10), (336, y - 26), (384, y - 30), (446, y - 40)]
    draw_panel(canvas, trace("M", guard[0], "C", *guard[1:], "V340H280Z"), colours.panel)
    foot: Point = (t[3][0] - 2, t[3][1] + 16)
    low = shift(t, -18, 22)
    stay = trace(
        "M", (t[0][0] - 18, t[0][1] - 8), "L", (t[0][0] + 6, t[0][1] - 12),
        "C", (t[1][0] + 4, t[1][1] - 6), (t[2][0] + 4, t[2][1] - 6), (t[3][0] + 8, t[3][1] - 2),
        "Q", (t[3][0] + 6, t[3][1] + 10), foot, "C", low[2], low[1], (t[0][0] - 22, t[0][1] + 26), "Z",
    )  # fmt: skip
    if split != 2:
        for share, reach in ((0.36, -58), (0.72, -26)):
            x, z = along(t, share)
            arm = trace(
                "M", (x - 4, z + 6), "C", (x - 12, z + 30), (x + reach, y - 36), (x + reach - 16, y + 10),
                "L", (x + reach + 12, y + 10), "C", (x + reach + 24, y - 30), (x + 12, z + 40), (x + 18, z + 14), "Z",
            )  # fmt: skip
            draw_panel(canvas, arm, mix(colours.panel, colours.base, 0.25))
    draw_panel(canvas, stay, colours.panel)
    edge = shift((foot, low[2], low[1], (t[0][0] - 22, t[0][1] + 26)), 3, -3)
    canvas.stitch(trace("M", edge[0], "C", *edge[1:]), thread(colours.panel))


def _draw_heel(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, top, c = spec.colourway, last.sole_top, last.heel[3], last.collar
    low = shift(c, 0, 18)
    padding = trace(
        "M", (c[0][0] - 20, c[0][1] - 14), "L", c[0], "C", *c[1:], "L", (c[3][0] + 4, c[3][1] + 12),
        "C", low[2], low[1], (low[0][0] - 20, low[0][1] + 4), "Z",
    )  # fmt: skip
    canvas.path(padding, cloth(canvas, colours.lining))
    edge: list[Point] = [(top[0] + 14, top[1] + 26), (132, top[1] + 54), (140, y - 30), (176, y + 10)]
    draw_panel(
        canvas, trace("M", edge[0], "C", *edge[1:], "L", (50, y + 10), "L", (50, top[1] + 26), "Z"), colours.panel
    )
    clip: list[Point] = [(60, y - 34), (100, y - 36), (118, y - 14), (132, y + 10)]
    draw_panel(canvas, trace("M", clip[0], "C", *clip[1:], "H40Z"), colours.accent)


def _draw_pull_tab(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    x, y = last.heel[3]
    tab = trace(
        "M", (x + 2, y + 16), "C", (x - 12, y + 6), (x - 14, y - 18), (x - 2, y - 18), "C", (x + 8, y - 18),
        (x + 6, y - 8), (x + 8, y - 6),
    )  # fmt: skip
    canvas.line(tab, darken(spec.colourway.accent, 0.5), 6).line(tab, spec.colourway.accent, 4.6)


def _foam_outline(last: Last, flare: float) -> str:
    y, ground = last.sole_top, GROUND
    return trace(
        "M", (80, y - 10), "C", (112, y - 4), (150, y + 9), (214, y + 10),
        "C", (300, y + 10), (380, y), (436, y - 11), "C", (445, y - 12), (449, y - 5), (446, y + 4),
        "C", (438, ground - 18), (420, ground - 4), (388, ground), "L", (276, ground),
        "C", (246, ground - 4), (206, ground - 4), (176, ground), "L", (106, ground),
        "C", (92, ground - 1), (80 - flare, ground - 12), (76 - flare, y + 20),
        "C", (74 - flare, y + 4), (73, y - 8), (80, y - 10), "Z",
    )  # fmt: skip


def _draw_foam(canvas: Canvas, last: Last, spec: ArtSpec) -> None:
    colours, y, shape = spec.colourway, last.sole_top, spec.silhouette
    data, foam = _foam_outline(last, 2 + 7 * shape.thickness), colours.sole
    if shape.detail == 2:
        lugs = "".join(
            trace("M", (x, GROUND - 3), "l6 9h8l3 -9Z") for x in (*range(104, 170, 17), *range(278, 380, 17))
        )
        canvas.path(lugs, darken(colours.outsole, 0.35))
    canvas.shadow(data, -2.5, 0.26)
    stops = [(0, lighten(foam, 0.4)), (0.3, foam), (0.8, darken(foam, 0.1)), (1, darken(foam, 0.32))]
    canvas.path(data, canvas.linear(stops)).begin(canvas.clip(data))
    wedge = trace("M", (40, y + 18), "C", (130, y + 22), (210, y + 34), (300, y + 30),
                  "C", (360, y + 26), (410, y + 14), (470, y - 4), "V460H40Z")  # fmt: skip
    if shape.split in (0, 1):
        canvas.path(wedge, mix(colours.panel, foam, 0.35)).path(
            wedge, canvas.linear([(0, "#ffffff", 0.15), (0.5, "#0b0d12", 0.22)])
        )
    for gap in (0, 7, 14)[: 1 + shape.split]:
        groove = trace("M", (56, y + 12 + gap), "C", (120, y + 18 + gap), (180, y + 28 + gap), (250, y + 24 + gap / 2))
        canvas.line(groove, darken(foam, 0.5), 1.6, 0.35)
    tread = trace("M", (50, GROUND - 9), "C", (120, GROUND - 6), (190, GROUND - 10), (230, GROUND - 9), "S",
                  (380, GROUND - 6), (400, GROUND - 9), "S", (436, GROUND - 18), (458, y + 4), "V460H50Z")  # fmt: skip
    canvas.path(tread, colours.outsole).path(tread, canvas.linear([(0, "#ffffff", 0.1), (1, "#0b0d12", 0.4)]))
    canvas.end()
    canvas.line(data, darken(foam, 0.55), 0.9, 0.5)
