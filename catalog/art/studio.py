"""The photographer's studio: one backdrop, one light from above left, one floor shadow."""

from catalog.art.canvas import HEIGHT, WIDTH, Canvas, Point
from catalog.art.colour import darken, lighten, mix


def draw_backdrop(canvas: Canvas, tint: str) -> None:
    """Paint the paper backdrop with its vignette, warmed by a trace of the product's `tint`."""
    near, far = mix("#fbfbfa", tint, 0.02), mix("#dfe1e4", tint, 0.07)
    light = canvas.radial([(0, near), (0.55, mix(near, far, 0.35)), (1, far)], (0.46, 0.4), 0.75)
    canvas.add(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{light}"/>')


def draw_floor_shadow(canvas: Canvas, centre: Point, reach: float, depth: float = 16) -> None:
    """Paint a soft shadow with a darker contact line, `reach` wide to each side."""
    soft = canvas.radial([(0, "#15171c", 0.34), (0.6, "#15171c", 0.15), (1, "#15171c", 0.0)])
    canvas.ellipse((centre[0], centre[1] + 3), reach, depth, soft)
    canvas.ellipse((centre[0], centre[1] - 1), reach * 0.86, depth * 0.4, soft)


def cloth(canvas: Canvas, colour: str, strength: float = 1.0) -> str:
    """A panel's paint: lit from above left, falling into shade below right."""
    stops = [
        (0, lighten(colour, 0.16 * strength)),
        (0.45, colour),
        (1, darken(colour, 0.17 * strength)),
    ]
    return canvas.linear(stops, (0.25, 0), (0.6, 1))


def draw_panel(canvas: Canvas, data: str, colour: str, paint: str = "", *, lift: float = 1.8) -> None:
    """Paint one sewn piece: its cast shadow, its cloth, the pattern `paint` and its cut edge."""
    if lift:
        canvas.shadow(data, lift, 0.2)
    canvas.path(data, cloth(canvas, colour))
    if paint:
        canvas.path(data, paint)
    canvas.line(data, darken(colour, 0.5), 0.9, 0.55)


def thread(colour: str) -> str:
    """A seam's colour on cloth of `colour`: lighter on dark cloth, darker on light cloth."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return lighten(colour, 0.45) if red * 3 + green * 6 + blue < 1300 else darken(colour, 0.34)
