"""Phone and desktop, light and dark: the gate looks at a page in one way, the soak in all four."""

import pytest

WIDTHS = (390, 1280)
THEMES = ("dark", "light")
IN_THE_GATE = (390, "dark")

LOOKS = [
    pytest.param(width, theme, id=f"{width}-{theme}", marks=() if (width, theme) == IN_THE_GATE else pytest.mark.soak)
    for width in WIDTHS
    for theme in THEMES
]
