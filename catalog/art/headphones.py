"""The headphones seen from the front, turned a little: studio, travel, retro, monitor and club shapes."""

from catalog.art.canvas import Canvas, Point, trace
from catalog.art.colour import darken, lighten, mix
from catalog.art.marks import draw_mark
from catalog.art.patterns import paint_pattern
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_floor_shadow, draw_panel, thread

GROUND = 350.0


def draw_headphones(canvas: Canvas, spec: ArtSpec) -> None:
    """Paint the headphones of `spec`: band, the far cup's cushion, forks, then the near cup's shell.

    `height` is the band's arch, `length` the cups' height, `thickness` the cushions'; `split` is one of a padded, a
    slim and an open wire band, `detail` the shell: 0 ring, 1 plain with keys, 2 grille, 3 knurled rim and cable.
    """
    shape = spec.silhouette
    top, cup = 66 - 18 * shape.height, 62 + 16 * shape.length
    level = GROUND - cup - 16
    near: Point = (154, level)
    far: Point = (352, level - 4)
    draw_floor_shadow(canvas, (154, GROUND - 2), 86, 13)
    draw_floor_shadow(canvas, (350, GROUND - 6), 74, 11)
    if shape.detail == 3:
        _draw_cable(canvas, spec, near, cup)
    _draw_band(canvas, spec, top, near, far)
    _draw_far_cup(canvas, spec, far, cup)
    _draw_near_cup(canvas, spec, near, cup)


def _arch(top: float, near: Point, far: Point, lift: float) -> tuple[Point, ...]:
    """The band's middle line in two Bezier curves from the near to the far cup, `lift` units outwards."""
    return (
        (near[0] - 8 - lift, near[1] - 42), (near[0] - 16 - lift, top + 66), (near[0] + 26 - lift / 2, top - lift),
        (256, top - lift - 2), (far[0] - 14 + lift / 2, top - lift - 2), (far[0] + 22 + lift, top + 64),
        (far[0] + 12 + lift, far[1] - 42),
    )  # fmt: skip


def _line(points: tuple[Point, ...]) -> str:
    return trace("M", points[0], "C", *points[1:4], "C", *points[4:7])


def _draw_band(canvas: Canvas, spec: ArtSpec, top: float, near: Point, far: Point) -> None:
    colours, split = spec.colourway, spec.silhouette.split
    outer = _line(_arch(top, near, far, 0))
    if split == 2:
        for lift in (5.0, -4.0):
            wire = _line(_arch(top, near, far, lift))
            canvas.line(wire, "#3f444c", 5).line(wire, "#aab0b9", 3.4).line(wire, "#f2f4f7", 1, 0.8)
            canvas.line(
                trace("M", (176, top + 30), "Q", (254, top - 22), (332, top + 28)), darken(colours.panel, 0.5), 21
            )
        canvas.line(trace("M", (176, top + 30), "Q", (254, top - 22), (332, top + 28)), colours.panel, 19)
        canvas.stitch(trace("M", (176, top + 26), "Q", (254, top - 27), (332, top + 24)), thread(colours.panel))
        canvas.line(trace("M", (180, top + 24), "Q", (254, top - 28), (326, top + 22)), "#ffffff", 3, 0.2)
        return
    width = 30 if split == 0 else 19
    canvas.line(outer, darken(colours.base, 0.6), width + 1.6).line(outer, colours.base, width)
    paint = paint_pattern(canvas, spec.pattern, colours, spec.random("pattern"))
    if paint:
        canvas.line(outer, paint, width - 1)
    inner = _line(_arch(top, near, far, -width * 0.42))
    cushion = mix(colours.lining, colours.panel, 0.3)
    canvas.line(inner, darken(cushion, 0.55), width * 0.62).line(inner, cushion, width * 0.54)
    canvas.line(inner, darken(cushion, 0.5), width * 0.5, 0.35, "1.5 13")
    canvas.line(_line(_arch(top, near, far, width * 0.24)), "#ffffff", width * 0.2, 0.3)
    canvas.line(_line(_arch(top, near, far, -width * 0.14)), "#0b0d12", width * 0.16, 0.25)
    canvas.stitch(_line(_arch(top, near, far, width * 0.4)), thread(colours.base), 0.7)


def _draw_fork(canvas: Canvas, spec: ArtSpec, hinge: Point, cup: float, reach: float) -> None:
    """The metal yoke from the band's end to both poles of a cup."""
    x, y = hinge
    fork = trace("M", (x, y - cup - 26), "L", (x, y - cup - 8),
                 "M", (x - reach, y + 4), "C", (x - reach - 4, y - cup * 0.7), (x - reach * 0.7, y - cup - 8), (x,
                 y - cup - 8),
                 "C", (x + reach * 0.7, y - cup - 8), (x + reach + 4, y - cup * 0.7), (x + reach, y + 4))  # fmt: skip
    metal = "#aeb4bd" if spec.colourway.family != "brown" else "#c9a878"
    canvas.line(fork, darken(metal, 0.65), 9).line(fork, metal, 7)
    canvas.begin(transform="translate(-1.2 -1.2)").line(fork, lighten(metal, 0.6), 2, 0.8).end()


def _draw_far_cup(canvas: Canvas, spec: ArtSpec, centre: Point, cup: float) -> None:
    """The cup that shows its inside: shell edge, the cushion's ring, and the mesh with the side's letter bar."""
    colours, (x, y) = spec.colourway, centre
    wide = cup * 0.6
    _draw_fork(canvas, spec, (x + 6, y), cup, wide * 0.92)
    shell = canvas.linear([(0, lighten(colours.base, 0.1)), (0.5, darken(colours.base, 0.2)), (1,
                          darken(colours.base, 0.6))],
                          (0, 0), (1, 1))  # fmt: skip
    canvas.ellipse((x + 16, y), wide, cup * 0.95, darken(colours.base, 0.6)).ellipse(
        (x + 15, y), wide - 1, cup * 0.94, shell
    )
    skin = mix(colours.lining, "#1d2026", 0.25)
    puff = canvas.radial([(0, darken(skin, 0.5)), (0.62, darken(skin, 0.2)), (0.82, lighten(skin, 0.24)),
                          (1, darken(skin, 0.35))], (0.46, 0.46), 0.54)  # fmt: skip
    canvas.ellipse((x - 4, y), wide * 1.06, cup, darken(skin, 0.6)).ellipse((x - 5, y), wide * 1.04, cup * 0.99, puff)
    canvas.ellipse((x - 6, y), wide * 0.56, cup * 0.6, darken(skin, 0.62))
    mesh = canvas.tile(
        5, 5, f'<path d="M1.2 1.2h0M3.7 3.7h0" stroke="{mix(skin, "#ffffff", 0.3)}" stroke-width="1.3" opacity=".6"/>'
    )
    canvas.ellipse((x - 7, y), wide * 0.5, cup * 0.54, darken(skin, 0.72)).ellipse(
        (x - 7, y), wide * 0.5, cup * 0.54, mesh
    )
    canvas.line(trace("M", (x - 7, y - 9), "v18", "M", (x - 12, y + 9), "h10"), colours.accent, 4, 0.9)
    canvas.stitch(
        trace("M", (x - 5 - wide * 0.76, y), "a", (wide * 0.76, cup * 0.78), " 0 1 1 0 .1"), thread(skin), 0.55
    )


def _draw_near_cup(canvas: Canvas, spec: ArtSpec, centre: Point, cup: float) -> None:
    """The cup that shows its outside, with the cushion behind it."""
    colours, shape, (x, y) = spec.colourway, spec.silhouette, centre
    wide = cup * 0.8
    skin = mix(colours.lining, "#1d2026", 0.25)
    deep = 12 + 16 * shape.thickness
    puff = canvas.linear(
        [(0, darken(skin, 0.2)), (0.5, lighten(skin, 0.16)), (1, darken(skin, 0.55))], (0, 0), (1, 0.3)
    )
    canvas.ellipse((x + deep, y + 1), wide, cup * 1.02, darken(skin, 0.65))
    canvas.ellipse((x + deep - 1, y), wide, cup * 1.01, puff)
    canvas.ellipse((x + deep * 0.45, y), wide * 1.02, cup, darken(skin, 0.72), 0.8)
    _draw_fork(canvas, spec, (x - 2, y), cup, wide * 0.9)
    rim = canvas.linear(
        [(0, lighten(colours.panel, 0.4)), (0.5, colours.panel), (1, darken(colours.panel, 0.5))], (0, 0), (1, 1)
    )
    canvas.ellipse((x, y), wide * 0.97, cup * 0.95, darken(colours.panel, 0.65)).ellipse(
        (x, y), wide * 0.95, cup * 0.93, rim
    )
    if shape.detail == 3:
        canvas.add(
            f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{wide * 0.9:.1f}" ry="{cup * 0.88:.1f}" fill="none"'
            f' stroke="{darken(colours.panel, 0.6)}" stroke-width="{wide * 0.1:.1f}" stroke-dasharray="1.6 3.2"'
            ' stroke-linecap="butt" opacity=".55"/>'
        )
    _draw_shell(canvas, spec, centre, wide * 0.82, cup * 0.81)


def _draw_shell(canvas: Canvas, spec: ArtSpec, centre: Point, rx: float, ry: float) -> None:
    colours, shape, (x, y) = spec.colourway, spec.silhouette, centre
    disc = trace("M", (x - rx, y), "a", (rx, ry), " 0 1 1", (2 * rx, 0), "a", (rx, ry), " 0 1 1", (-2 * rx, 0), "Z")
    draw_panel(
        canvas, disc, colours.base, paint_pattern(canvas, spec.pattern, colours, spec.random("pattern")), lift=1.6
    )
    if shape.detail == 2:
        hole = f'<path d="M2 2h0M6 6h0" stroke="{darken(colours.base, 0.7)}" stroke-width="3" opacity=".7"/>'
        canvas.ellipse(centre, rx * 0.84, ry * 0.84, canvas.tile(8, 8, hole))
    if shape.detail in (0, 2):
        canvas.add(
            f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{rx * 0.9:.1f}" ry="{ry * 0.9:.1f}" fill="none"'
            f' stroke="{colours.accent}" stroke-width="2.6" opacity=".85"/>'
        )
    bowl = canvas.radial([(0, "#ffffff", 0.34), (0.5, "#ffffff", 0.02), (1, "#0b0d12", 0.4)], (0.34, 0.26), 0.86)
    canvas.path(disc, bowl)
    if shape.detail == 1:
        canvas.dots([(x + rx * 0.92, y + step) for step in (-14, 0, 14)], 3.4, darken(colours.base, 0.6))
        canvas.dots([(x + rx * 0.92, y + 32)], 2, colours.accent)
    draw_mark(canvas, spec.mark, centre, rx * 1.15, colours.accent, turn=-3)
    glare = trace("M", (x - rx * 0.72, y - ry * 0.3), "C", (x - rx * 0.6, y - ry * 0.74), (x - rx * 0.2, y - ry * 0.9),
                  (x + rx * 0.16, y - ry * 0.86))  # fmt: skip
    canvas.line(glare, "#ffffff", 5, 0.28)


def _draw_cable(canvas: Canvas, spec: ArtSpec, near: Point, cup: float) -> None:
    x, y = near[0] + 2, near[1] + cup
    cable = trace("M", (x, y - 8), "C", (x + 2, y + 26), (x + 70, y + 30), (x + 120, y + 26),
                  "S", (x + 196, y + 8), (x + 250, y + 14))  # fmt: skip
    canvas.begin(transform="translate(0 2.5)").line(cable, "#0b0d12", 5, 0.2).end()
    canvas.line(cable, darken(spec.colourway.lace, 0.5), 4.6).line(cable, spec.colourway.lace, 3.2)
    plug = trace("M", (x + 250, y + 14), "l16 2")
    canvas.line(plug, "#30343b", 7).line(trace("M", (x + 270, y + 16.5), "l12 1.5"), "#d9b56a", 3)
