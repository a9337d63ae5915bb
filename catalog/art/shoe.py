"""What all shoes share: the last, the sole, the tongue, the laces and the light on the upper."""

from dataclasses import dataclass

from catalog.art.canvas import Canvas, Point, along, shift, trace
from catalog.art.colour import darken, lighten, mix
from catalog.art.palettes import Colourway
from catalog.art.studio import thread

GROUND = 310.0


@dataclass(frozen=True, slots=True)
class Last:
    """A shoe's form seen from the side, toe to the right; the curves that panels are cut from."""

    sole_top: float
    heel: tuple[Point, Point, Point, Point]
    collar: tuple[Point, Point, Point, Point]
    throat: tuple[Point, Point, Point, Point]
    toe: tuple[Point, Point, Point, Point]

    @property
    def outline(self) -> str:
        """The closed outline of the upper."""
        h, c, t, o = self.heel, self.collar, self.throat, self.toe
        brim = (h[3][0] + 13, h[3][1] - 1)
        top = (t[0][0] - 3, t[0][1] - 3)
        return trace(
            "M", h[0], "C", h[1], h[2], h[3],
            "Q", (h[3][0] + 4, h[3][1] - 10), brim,
            "C", c[1], c[2], c[3],
            "Q", top, t[0],
            "C", t[1], t[2], t[3],
            "C", o[1], o[2], o[3],
            "L", (o[3][0], self.sole_top + 8), "L", (h[0][0], self.sole_top + 8), "Z",
        )  # fmt: skip


def make_last(*, heel_top: float, collar_dip: float, throat_top: Point, sole_top: float, toe: float) -> Last:
    """Shape a last.

    Args:
        heel_top: y of the heel tab.
        collar_dip: y of the lowest point of the collar, below the ankle.
        throat_top: the uppermost eyelet.
        sole_top: y where the upper meets the sole.
        toe: 0 for a slim, low toe to 1 for a tall, blunt one.
    """
    x, y = throat_top
    vamp: Point = (352 - 8 * toe, 232 - 10 * toe)
    lean = 76 + (300 - heel_top) * 0.05
    heel: tuple[Point, Point, Point, Point] = (
        (80, sole_top + 2), (66, sole_top - 34), (lean - 2, heel_top + 44), (lean + 2, heel_top + 4),
    )  # fmt: skip
    low = collar_dip + (collar_dip - (heel_top + y) / 2) * 0.5
    collar: tuple[Point, Point, Point, Point] = (
        (lean + 15, heel_top + 3), (lean + 32, low), (x - 46, low), (x - 12, y + 6),
    )  # fmt: skip
    throat: tuple[Point, Point, Point, Point] = (
        (x, y), (x + (vamp[0] - x) * 0.3, y + (vamp[1] - y) * 0.42),
        (x + (vamp[0] - x) * 0.62, vamp[1] - 18), vamp,
    )  # fmt: skip
    front: tuple[Point, Point, Point, Point] = (
        vamp, (388, 221 - 11 * toe), (438 + 4 * toe, 219 - 6 * toe), (442, sole_top + 2),
    )  # fmt: skip
    return Last(sole_top, heel, collar, throat, front)


def draw_inside(canvas: Canvas, last: Last, colours: Colourway) -> None:
    """Paint the far collar with its lining, and the tongue standing in the throat."""
    start, end = last.collar[0], last.throat[0]
    far = darken(colours.lining, 0.22)
    shade = canvas.linear([(0, far), (1, darken(colours.lining, 0.62))])
    rim = trace(
        "M", (start[0] - 8, start[1] + 2),
        "C", (start[0] + 34, start[1] + 10), (end[0] - 60, end[1] + 26), (end[0] + 4, end[1] - 4),
        "L", (end[0] + 30, end[1] + 60), "L", (start[0] + 6, start[1] + 90), "Z",
    )  # fmt: skip
    canvas.path(rim, shade).line(rim, darken(colours.lining, 0.5), 0.8, 0.4)
    draw_tongue(canvas, last, colours)


def draw_tongue(canvas: Canvas, last: Last, colours: Colourway) -> None:
    """Paint the tongue: a padded flap that rises above the top eyelet and lines the throat."""
    t = last.throat
    x, y = t[0]
    body = mix(colours.base, colours.lining, 0.25)
    data = trace(
        "M", (x - 24, y + 34), "C", (x - 24, y + 6), (x - 24, y - 8), (x - 16, y - 24),
        "Q", (x - 12, y - 31), (x - 2, y - 29), "Q", (x + 16, y - 26), (x + 18, y - 14),
        "C", (x + 22, y - 6), (t[1][0] + 10, t[1][1] - 14), (t[2][0] + 6, t[2][1] - 9),
        "L", (t[3][0] + 2, t[3][1] + 2), "L", (t[2][0] - 20, t[2][1] + 24), "Z",
    )  # fmt: skip
    paint = canvas.linear([(0, lighten(body, 0.2)), (0.5, body), (1, darken(body, 0.25))], (0.6, 0), (0.3, 1))
    canvas.path(data, paint).line(data, darken(body, 0.5), 0.9, 0.5)
    seam = trace("M", (x - 13, y - 19), "Q", (x, y - 26), (x + 13, y - 14))
    canvas.stitch(seam, thread(body))
    label = trace("M", (x - 13, y - 14), "L", (x + 7, y - 8), "L", (x + 3, y + 3), "L", (x - 16, y - 2), "Z")
    canvas.path(label, colours.accent).line(label, darken(colours.accent, 0.4), 0.7, 0.5)


def draw_laces(canvas: Canvas, last: Last, colours: Colourway, count: int, *, reach: float = 15) -> None:
    """Paint `count` lace bars across the throat with their eyelets, and the knot on top."""
    holes, bars = [], []
    for turn in range(count):
        x, y = along(last.throat, 0.03 + 0.86 * turn / (count - 1))
        hole = (x - reach * 0.55, y + reach * 0.9)
        holes.append(hole)
        tip = (x + reach * 0.62, y - reach * 0.42)
        bars.append(trace("M", hole, "Q", (x + 1, y - 1), tip))
    canvas.dots(holes, 3.4, darken(colours.base, 0.45), 0.8)
    data = "".join(bars)
    canvas.line(data, darken(colours.lace, 0.62), 8, 0.5)
    canvas.line(data, colours.lace, 6.4)
    canvas.line(data, lighten(colours.lace, 0.5), 1.6, 0.55)


def light_upper(canvas: Canvas, last: Last) -> None:
    """Model the upper's volume: sheen along the top, shade towards heel and sole."""
    clip = canvas.clip(last.outline)
    canvas.begin(clip)
    side = canvas.linear(
        [(0, "#0b0d12", 0.3), (0.14, "#0b0d12", 0.03), (0.8, "#0b0d12", 0.0), (1, "#0b0d12", 0.24)], (0, 0), (1, 0)
    )
    down = canvas.linear([(0, "#ffffff", 0.12), (0.5, "#ffffff", 0.0), (0.72, "#0b0d12", 0.02), (1, "#0b0d12", 0.3)])
    canvas.path(last.outline, down).path(last.outline, side)
    glow = canvas.radial([(0, "#ffffff", 0.42), (1, "#ffffff", 0.0)])
    canvas.ellipse((396, 236), 44, 15, glow)
    canvas.ellipse((196, last.sole_top - 44), 76, 26, glow, 0.6)
    canvas.end()


def cupsole(last: Last, *, spring: float = 8) -> str:
    """The outline of a cupsole from heel to toe with a little toe spring."""
    y, ground = last.sole_top, GROUND
    return trace(
        "M", (76, y - 3), "C", (140, y + 6), (220, y + 6), (300, y + 2),
        "C", (360, y - 2), (410, y - 9), (438, y - 12),
        "C", (446, y - 12), (449, y - 4), (448, y + 6),
        "C", (446, ground - spring - 6), (432, ground - 3), (400, ground),
        "L", (98, ground), "C", (84, ground), (78, ground - 4), (75, ground - 14),
        "C", (73, y + 14), (73, y + 2), (76, y - 3), "Z",
    )  # fmt: skip


def draw_cupsole(canvas: Canvas, last: Last, colours: Colourway, *, bumper: bool) -> None:
    """Paint a rubber cupsole: sidewall, foxing line and stitch, tread and, if asked, a toe bumper."""
    data, y = cupsole(last), last.sole_top
    rubber = colours.sole
    canvas.shadow(data, -2.5, 0.26)
    stops = [(0, lighten(rubber, 0.35)), (0.2, rubber), (0.75, darken(rubber, 0.08)), (1, darken(rubber, 0.3))]
    canvas.path(data, canvas.linear(stops))
    canvas.begin(canvas.clip(data))
    tread = trace("M", (60, GROUND - 8), "L", (404, GROUND - 8), "Q", (440, GROUND - 10), (460, GROUND - 24),
                  "V460H60Z")  # fmt: skip
    canvas.path(tread, colours.outsole).path(tread, canvas.linear([(0, "#ffffff", 0.12), (1, "#0b0d12", 0.4)]))
    if bumper:
        tip = trace("M", (398, y - 20), "C", (392, y + 4), (396, y + 20), (402, GROUND), "H460V200Z")
        canvas.path(tip, colours.outsole, 0.85)
        canvas.line(trace("M", (412, y - 20), "C", (408, y + 4), (411, y + 18), (416, GROUND)), "#0b0d12", 0.9, 0.25)
    ends = canvas.linear([(0, "#0b0d12", 0.26), (0.1, "#0b0d12", 0), (0.9, "#0b0d12", 0), (1, "#0b0d12", 0.22)],
                         (0, 0), (1, 0))  # fmt: skip
    canvas.path(data, ends).end()
    rim = [(76, y + 5), (140, y + 13), (220, y + 13), (300, y + 9)]
    rest = [(360, y + 5), (410, y - 2), (446, y - 4)]
    seam = trace("M", rim[0], "C", *rim[1:], "C", *rest)
    canvas.stitch(seam, darken(rubber, 0.42), 0.8)
    welt = trace("M", shift(rim, 0, 4)[0], "C", *shift(rim, 0, 4)[1:], "C", *shift(rest, 1, 4))
    canvas.line(welt, darken(rubber, 0.4), 0.8, 0.4)
    canvas.line(data, darken(rubber, 0.55), 0.9, 0.5)
