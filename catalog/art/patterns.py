"""Fabrics and finishes: each pattern gives the paint laid over a product's main panels."""

import random
from collections.abc import Callable

from catalog.art.canvas import Canvas
from catalog.art.colour import contrast, darken, lighten, mix
from catalog.art.palettes import Colourway

Painter = Callable[[Canvas, Colourway, random.Random], str]


def paint_pattern(canvas: Canvas, pattern: str, colourway: Colourway, rng: random.Random) -> str:
    """The paint to lay over a panel of the base colour, or an empty string for none.

    Args:
        canvas: where the pattern's tile or gradient is defined.
        pattern: one of `PATTERNS`.
        colourway: the colours the pattern is drawn in.
        rng: decides where blobs and drops fall.

    Raises:
        KeyError: the pattern is unknown.
    """
    return PATTERNS[pattern](canvas, colourway, rng)


def _ink(colourway: Colourway, share: float = 0.55) -> str:
    """A second tone that stays visible on the base: the panel's, or a shade when too near."""
    if contrast(colourway.base, colourway.panel) >= 1.18:
        return mix(colourway.base, colourway.panel, min(1.0, share + 0.35))
    toward = lighten if contrast(colourway.base, "#ffffff") > 6 else darken
    return toward(colourway.base, share * 0.4)


def _plain(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    del canvas, colourway, rng
    return ""


def _fade(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    far = _ink(colourway, 0.9)
    stops = [(0.05, far, 0.0), (0.5, far, 0.55), (1.0, far, 1.0)]
    return canvas.linear(stops, (0, 0.3), (1, 0.3 + rng.random() * 0.4))


def _camo(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    inks = (_ink(colourway), darken(colourway.base, 0.3), mix(colourway.base, colourway.lining, 0.8))
    blobs = "".join(_blob(rng, inks[turn % 3], 120, 88) for turn in range(9))
    return canvas.tile(120, 88, blobs, rng.choice((9, 18, -14)))


def _blob(rng: random.Random, ink: str, width: int, height: int) -> str:
    """One camouflage patch, repeated over the tile's edges that it crosses."""
    x, y, reach = rng.randrange(width), rng.randrange(height), rng.randint(13, 23)
    a, b, c = (round(rng.uniform(0.45, 0.95) * reach) for _ in range(3))
    outline = (
        f"{-reach} 0c0 {-a} {reach - b} {-a} {reach} {-c // 2}s{b} {-c // 2} {reach} {c // 4}"
        f"s{-c // 3} {a} {-reach} {c}s{-reach} {b // 2} {-reach} {-c + c // 4}z"
    )
    copies = [
        f"M{x + dx} {y + dy}m{outline}"
        for dx in (-width, 0, width)
        for dy in (-height, 0, height)
        if -28 < x + dx < width + 28 and -28 < y + dy < height + 28
    ]
    return f'<path fill="{ink}" d="{"".join(copies)}"/>'


def _splatter(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    drops: dict[tuple[str, int], list[str]] = {}
    for _ in range(46):
        ink = colourway.accent if rng.random() < 0.6 else _ink(colourway, 0.9)
        size = rng.choices((1, 2, 3, 5), (10, 6, 3, 1))[0]
        drops.setdefault((ink, size), []).append(f"M{rng.randint(5, 115)} {rng.randint(5, 85)}h0")
    content = "".join(
        f'<path d="{"".join(dots)}" stroke="{ink}" stroke-width="{size}" stroke-linecap="round"/>'
        for (ink, size), dots in sorted(drops.items())
    )
    return canvas.tile(120, 90, content, rng.choice((0, 25, -20)))


def _knit(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    del rng
    dark, light = darken(colourway.base, 0.28), lighten(colourway.base, 0.35)
    content = (
        f'<path d="M0 1l4 4l4 -4" fill="none" stroke="{dark}" stroke-width="1.3" opacity=".7"/>'
        f'<path d="M0 3.4l4 4l4 -4" fill="none" stroke="{light}" stroke-width="1" opacity=".6"/>'
    )
    return canvas.tile(8, 6, content)


def _ripstop(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    del rng
    line, shine = darken(colourway.base, 0.3), lighten(colourway.base, 0.3)
    content = (
        f'<path d="M0 0H11M0 0V11" stroke="{line}" stroke-width="1.2" opacity=".55"/>'
        f'<path d="M0 1.3H11M1.3 0V11" stroke="{shine}" stroke-width=".7" opacity=".5"/>'
    )
    return canvas.tile(11, 11, content, 8)


def _wave(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    ink = _ink(colourway, 0.8)
    content = "".join(
        f'<path d="M-2 {y}C10 {y - 7} 20 {y + 7} 32 {y}S54 {y - 7} 66 {y}" fill="none"'
        f' stroke="{ink}" stroke-width="{width}" opacity=".8"/>'
        for y, width in ((7, 4), (19, 2.2))
    )
    return canvas.tile(64, 26, content, rng.choice((-18, 0, 14)))


def _check(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    del rng
    ink, thread = _ink(colourway, 0.7), colourway.accent
    content = (
        f'<path d="M0 11H40M11 0V40" stroke="{ink}" stroke-width="13" opacity=".5"/>'
        f'<path d="M0 28.500H40M28.500 0V40" stroke="{thread}" stroke-width="1.4" opacity=".55"/>'
    )
    return canvas.tile(40, 40, content, 6)


def _marble(canvas: Canvas, colourway: Colourway, rng: random.Random) -> str:
    ink = _ink(colourway, 0.8)
    veins = []
    for _ in range(5):
        x, y = rng.randint(0, 120), rng.randint(-10, 20)
        a, b, c = rng.randint(-30, 30), rng.randint(-30, 30), rng.randint(-26, 26)
        width = rng.choice((1, 2, 5))
        veins.append(
            f'<path d="M{x} {y}c{a} 30 {b} 44 {c} 66s{b} 30 {a} 50" fill="none" stroke="{ink}"'
            f' stroke-width="{width}" opacity="{0.35 + 0.1 * (5 - width):.2g}"/>'
        )
    return canvas.tile(130, 110, "".join(veins), -24)


PATTERNS: dict[str, Painter] = {
    "plain": _plain,
    "fade": _fade,
    "camo": _camo,
    "splatter": _splatter,
    "knit": _knit,
    "ripstop": _ripstop,
    "wave": _wave,
    "check": _check,
    "marble": _marble,
}
