"""Colour arithmetic on `#rrggbb` strings: mixing, relative luminance and contrast."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a `#rrggbb` colour, each 0..255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=16384)
def mix(colour: str, other: str, share: float) -> str:
    """Move `colour` towards `other` by `share` (0..1), channel by channel."""
    mixed = (round(a + (b - a) * share) for a, b in zip(channels(colour), channels(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def lighten(colour: str, share: float) -> str:
    """Mix towards white by `share` (0..1)."""
    return mix(colour, "#ffffff", share)


def darken(colour: str, share: float) -> str:
    """Mix towards a blue-black by `share` (0..1); pure black looks burnt in shadows."""
    return mix(colour, "#0b0d12", share)


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white).

    Source:
        WCAG 2.2, definition of relative luminance.
    """

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, other: str) -> float:
    """Contrast ratio of two colours, 1 (same) to 21 (black on white).

    Source:
        WCAG 2.2, definition of contrast ratio.
    """
    lighter, darker = sorted((luminance(colour), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
