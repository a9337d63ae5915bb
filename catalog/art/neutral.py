"""A calm card with a monogram, for products that came without a picture."""

import random
import re

from catalog.art.canvas import HEIGHT, WIDTH, Canvas
from catalog.art.colour import contrast, darken, lighten, mix
from catalog.art.spec import seed_of

_PAPERS = (
    "#e8ded1", "#d9e2dc", "#dfe0ea", "#ecdcd8", "#dbe4ea", "#e9e4cf", "#e3d9e4", "#d6e0d0", "#f0e0cf", "#dcdcd8",
)  # fmt: skip
_INKS = ("#5b4636", "#2f5d50", "#3b4470", "#7d3f3a", "#2e5972", "#6d6024", "#5c3f66", "#41602c", "#8a5326", "#43474d")


def draw_neutral(sku: str, name: str) -> str:
    """A picture from nothing but a SKU and a name: paper, a quiet form and a monogram.

    Args:
        sku: decides colours and form, and prefixes every id.
        name: gives the monogram and the accessible name.

    Returns:
        A standalone SVG document, the same bytes for the same arguments.
    """
    rng = random.Random(seed_of(sku))
    place = rng.randrange(len(_PAPERS))
    paper, ink = _PAPERS[place], _INKS[place]
    canvas = Canvas(sku)
    light = canvas.radial([(0, lighten(paper, 0.55)), (1, paper)], (0.4, 0.32), 0.85)
    canvas.add(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{light}"/>')
    _draw_form(canvas, rng, paper, ink)
    letters = monogram(name)
    size = 128 if len(letters) == 1 else 108
    canvas.add(
        f'<text x="250" y="{200 + size * 0.35:.0f}" text-anchor="middle" font-family="Georgia,\'DejaVu Serif\',serif"'
        f' font-size="{size}" letter-spacing="2" fill="{ink}">{letters}</text>'
    )
    return canvas.document(name)


def monogram(name: str) -> str:
    """The initials of the name's first two words of letters; a dot when it has none."""
    words = re.findall(r"[A-Za-z]+", name)
    return "".join(word[0].upper() for word in words[:2]) or "·"


def _draw_form(canvas: Canvas, rng: random.Random, paper: str, ink: str) -> None:
    """One large form of four, softly lit, so that neighbours in a row differ."""
    near, far = mix(paper, ink, 0.1), mix(paper, ink, 0.26)
    fill = canvas.linear([(0, near), (1, far)], (0.2, 0), (0.8, 1))
    form = rng.randrange(4)
    canvas.ellipse((250, 342), 150, 14, canvas.radial([(0, darken(ink, 0.4), 0.26), (1, darken(ink, 0.4), 0.0)]))
    if form == 0:
        canvas.ellipse((250, 200), 140, 140, fill)
    elif form == 1:
        canvas.add(f'<rect x="118" y="66" width="264" height="268" rx="34" fill="{fill}"/>')
    elif form == 2:
        canvas.path("M116 340V200a134 134 0 0 1 268 0V340Z", fill)
    else:
        canvas.path("M250 52L398 200L250 348L102 200Z", fill)
    line = lighten(paper, 0.5) if contrast(far, "#ffffff") < 4 else paper
    canvas.line(f"M60 {rng.randint(352, 360)}H440", line, 2, 0.8)
