"""A list holds each available item once."""

from recommendations.serving.filters import keep


def test_keep_takes_the_first_distinct_available_items_in_order() -> None:
    candidates = ["b", "a", "b", "x", "c", "d"]

    kept = keep(candidates, k=3, available={"a", "b", "c", "d"}, withheld={"a"})

    assert kept == ["b", "c", "d"]


def test_keep_gives_fewer_rather_than_unavailable_ones() -> None:
    kept = keep(["a", "b"], k=5, available={"b"})

    assert kept == ["b"]
