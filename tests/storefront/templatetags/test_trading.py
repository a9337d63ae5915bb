from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from catalog.orders.states import OrderStatus
from storefront.templatetags.trading import currency_sign, signed_percent, size_words, standing, time_left
from storefront.world import World, world_file


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.124, "+12%"), (-0.3, "−30%"), (0.0, "±0%"), (0.001, "±0%"), (12.5, "+1,250%"), (None, "–")],
)
def test_signed_percent_names_the_direction(share: float | None, words: str) -> None:
    assert signed_percent(share) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("US 9.5", "Size US 9.5"),
        ("XXL", "Size XXL"),
        ("10", "Size 10"),
        ("One size", "One size"),
        ("Grade 8", "Grade 8"),
    ],
)
def test_size_is_called_one_where_it_does_not_say_so_itself(size: str, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=30), "30 days"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=1, hours=23), "47 hours"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=1, minutes=1), "1 hour"),
        (timedelta(minutes=59), "under an hour"),
    ],
)
def test_time_left_is_told_in_its_greatest_unit(settings: Settings, left: timedelta, words: str) -> None:
    # A second ahead, because the clock goes on between the two looks at it.
    ends_at = settings.CLOCK.now() + left + timedelta(seconds=1)

    assert time_left(ends_at) == words


def test_time_left_of_what_stands_for_ever_is_empty() -> None:
    assert time_left(None) == ""


def test_currency_sign_is_the_worlds(settings: Settings, tmp_path: Path) -> None:
    settings.WORLD_DIR = tmp_path
    world_file().save(World(currency="EUR"))

    assert currency_sign() == "€"


@pytest.mark.parametrize("status", OrderStatus)
def test_standing_is_told_in_a_shoppers_words(status: OrderStatus) -> None:
    words = standing(status.value)

    assert words == ("Awaiting payment" if status is OrderStatus.MATCHED else status.value.capitalize())
