"""A span is said in its two largest units."""

from datetime import timedelta

import pytest

from recommendations.admin.room.spans import say_span


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0.0 s"),
        (timedelta(seconds=-5), "0.0 s"),
        (timedelta(seconds=3.24), "3.2 s"),
        (timedelta(seconds=9.96), "10 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=250), "4 min 10 s"),
        (timedelta(minutes=125), "2 h 5 min"),
        (timedelta(hours=24), "1 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_span_is_said_in_its_two_largest_units(span: timedelta, words: str) -> None:
    said = say_span(span)

    assert said == words
