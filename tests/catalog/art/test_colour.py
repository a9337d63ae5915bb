import pytest

from catalog.art.colour import contrast, darken, lighten, luminance, mix


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    # WCAG 2.2, definition of contrast ratio: the range ends at 21:1.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


def test_contrast_of_the_lightest_passing_grey_is_four_and_a_half() -> None:
    # WebAIM's well-known borderline: #767676 on white is 4.54:1.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_mix_moves_by_the_share() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#c86432", 0.5) == "#643219"


def test_lighten_and_darken_move_luminance_their_way() -> None:
    base = "#5b7ba3"

    lighter, darker = lighten(base, 0.3), darken(base, 0.3)

    assert luminance(darker) < luminance(base) < luminance(lighter)
