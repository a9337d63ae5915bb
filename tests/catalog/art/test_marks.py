import pytest

from catalog.art.canvas import Canvas
from catalog.art.marks import MARKS, draw_mark
from catalog.generation.brands import BRANDS


def test_every_brand_has_a_mark_of_its_own() -> None:
    marks = [brand.mark for brand in BRANDS]

    assert len(set(marks)) == len(BRANDS)
    assert set(marks) <= set(MARKS)


@pytest.mark.parametrize("mark", MARKS)
def test_draw_mark_paints_its_lip_and_itself(mark: str) -> None:
    canvas = Canvas("A-1")

    draw_mark(canvas, mark, (100, 100), 60, "#ff0000")

    document = canvas.document("x")
    assert document.count("<g ") == document.count("</g>") == 2
    assert "#ff0000" in document
