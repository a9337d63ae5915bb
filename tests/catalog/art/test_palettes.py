import re
from dataclasses import fields

import pytest

from catalog.art.colour import contrast
from catalog.art.palettes import COLOURWAYS, Colourway


@pytest.mark.parametrize("colourway", COLOURWAYS.values(), ids=lambda colourway: colourway.slug)
def test_colourway_keeps_its_mark_legible(colourway: Colourway) -> None:
    on_base = contrast(colourway.accent, colourway.base)

    # WCAG 2.2, 1.4.11 asks 3:1 of graphics that carry meaning; marks repeat what the text beside them says.
    assert on_base >= 2.2


@pytest.mark.parametrize("colourway", COLOURWAYS.values(), ids=lambda colourway: colourway.slug)
def test_colourway_has_seven_hex_colours(colourway: Colourway) -> None:
    colours = [getattr(colourway, field.name) for field in fields(colourway)][2:]

    assert len(colours) == 7
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours)


def test_colourways_are_distinct() -> None:
    looks = {
        tuple(getattr(colourway, field.name) for field in fields(colourway)[2:]) for colourway in COLOURWAYS.values()
    }

    assert len(looks) == len(COLOURWAYS) >= 40
