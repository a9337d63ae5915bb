import pytest

from experiments.bars import BarVariation, draw_allocation, draw_everyone

VARIATIONS = (
    BarVariation("control", "Old", is_control=True),
    BarVariation("a", "A", is_control=False),
    BarVariation("b", "B", is_control=False),
)


def test_draw_allocation_draws_control_treatment_exempt() -> None:
    segments = draw_allocation(VARIATIONS[:2], (("control", 5000), ("a", 5000)), 6000)

    assert [(one.label, one.tone, one.start, one.width, one.percent) for one in segments] == [
        ("Old", "control", 0, 3000, "30%"),
        ("A", "featured-0", 3000, 3000, "30%"),
        ("Exempt", "exempt", 6000, 4000, "40%"),
    ]


@pytest.mark.parametrize("coverage_bp", [0, 1, 333, 5001, 9999, 10_000])
def test_draw_allocation_always_fills_the_bar(coverage_bp: int) -> None:
    segments = draw_allocation(VARIATIONS, (("control", 3334), ("a", 3333), ("b", 3333)), coverage_bp)

    reached = 0
    for segment in segments:
        assert segment.start == reached
        assert segment.width > 0
        reached += segment.width
    assert reached == 10_000


def test_draw_everyone_is_one_segment() -> None:
    (segment,) = draw_everyone(VARIATIONS, "b")

    assert (segment.label, segment.tone, segment.width) == ("B", "featured-1", 10_000)
