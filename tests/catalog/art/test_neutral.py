import xml.etree.ElementTree as ET

import pytest

from catalog.art.neutral import draw_neutral, monogram


def test_draw_neutral_repeats_itself_and_differs_by_sku() -> None:
    pictures = [draw_neutral(f"{number}", "WHITE HANGING HEART T-LIGHT HOLDER") for number in range(40)]

    again = [draw_neutral(f"{number}", "WHITE HANGING HEART T-LIGHT HOLDER") for number in range(40)]

    assert pictures == again
    assert len(set(pictures)) == 40


def test_draw_neutral_is_small_and_well_formed_whatever_the_name() -> None:
    picture = draw_neutral('85123A"><script>', 'POPPY\'S <b>"PLAYHOUSE"</b> & CO')

    tags = {element.tag.rsplit("}")[-1] for element in ET.fromstring(picture).iter()}
    assert len(picture) < 3_000
    assert "script" not in tags
    assert "b" not in tags


@pytest.mark.parametrize(
    ("name", "letters"), [("6 RIBBONS RUSTIC CHARM", "RR"), ("lunch", "L"), ("20713", "·"), ("", "·")]
)
def test_monogram_takes_the_first_two_words(name: str, letters: str) -> None:
    assert monogram(name) == letters
