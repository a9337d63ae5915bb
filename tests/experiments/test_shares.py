import pytest

from experiments.shares import (
    are_weights_complete,
    find_coverage,
    find_seen,
    format_percent,
    parse_percent,
    split_evenly,
)


@pytest.mark.parametrize("featured_bp", [5000, 6666, 2000, 10_000])
def test_find_coverage_is_the_inverse_of_find_seen(featured_bp: int) -> None:
    for seen_bp in range(0, featured_bp + 1, 50):
        assert find_seen(find_coverage(seen_bp, featured_bp), featured_bp) == seen_bp


def test_find_coverage_refuses_more_than_control_leaves() -> None:
    with pytest.raises(ValueError, match="at most 50% can"):
        find_coverage(5001, 5000)


@pytest.mark.parametrize(
    ("text", "expected_bp"), [("2.5", 250), ("2.5%", 250), (" 30 % ", 3000), ("0.01", 1), ("0", 0)]
)
def test_parse_percent_reads_what_people_type(text: str, expected_bp: int) -> None:
    assert parse_percent(text) == expected_bp


@pytest.mark.parametrize("text", ["", "much", "-1", "101", "0.001", "nan", "inf", "1e9"])
def test_parse_percent_names_the_fault(text: str) -> None:
    with pytest.raises(ValueError, match="Give"):
        parse_percent(text)


def test_format_percent_has_no_needless_zeros() -> None:
    assert [format_percent(share_bp) for share_bp in (0, 1, 250, 3000, 10_000)] == [
        "0%",
        "0.01%",
        "2.5%",
        "30%",
        "100%",
    ]


def test_split_evenly_always_sums_to_everybody() -> None:
    for n_variations in range(2, 12):
        weights_bp = split_evenly([f"v{number}" for number in range(n_variations)])

        assert sum(weight_bp for _, weight_bp in weights_bp) == 10_000
        assert max(weights_bp, key=lambda pair: pair[1])[1] - min(weights_bp, key=lambda pair: pair[1])[1] <= 1


@pytest.mark.parametrize(
    "weights_bp",
    [
        [["a", 5000], ["b", 4999]],
        [["a", 5000], ["c", 5000]],
        [["a", 5000], ["a", 5000]],
        [["a", 11_000], ["b", -1000]],
        [],
    ],
)
def test_are_weights_complete_refuses_what_cannot_decide_for_all(weights_bp: list[list[object]]) -> None:
    assert not are_weights_complete(weights_bp, ["a", "b"])
