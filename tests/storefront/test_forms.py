from uuid import uuid4

import pytest

from catalog.limits import MAX_PRICE_CENTS
from storefront.forms import OUT_OF_DATE, LimitForm, PlaceForm, TakeForm


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("120", 12_000),
        ("120.5", 12_050),
        ("120.05", 12_005),
        ("120,50", 12_050),
        ("$1,250", 125_000),
        ("1,250.99", 125_099),
        (" 0.01 ", 1),
        ("€ 99", 9_900),
        ("٣٠", 3_000),
        ("1000000", MAX_PRICE_CENTS),
    ],
)
def test_price_reads_what_people_type(typed: str, cents: int) -> None:
    form = LimitForm({"price": typed, "days": "30"})

    assert form.is_valid()
    assert form.price_cents == cents


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Name your price."),
        ("abc", "Write the price as a number"),
        ("-5", "Write the price as a number"),
        ("1e3", "Write the price as a number"),
        ("12.345", "Write the price as a number"),
        ("1,25,000", "Write the price as a number"),
        ("0", "above 0"),
        ("0.00", "above 0"),
        ("1000000.01", "at most $1,000,000"),
        ("999999999999", "at most $1,000,000"),
        ("10,000,000", "at most $1,000,000"),
        ("1,234.567", "at most two decimals"),
        ("1" * 40, "at most 24 characters"),
    ],
)
def test_price_says_what_is_wrong_with_it(typed: str, words: str) -> None:
    form = LimitForm({"price": typed, "days": "30"})

    assert not form.is_valid()
    assert words in form.first_error


@pytest.mark.parametrize("days", ["", "2", "0", "x", "365"])
def test_days_are_one_of_those_shown(days: str) -> None:
    form = LimitForm({"price": "10", "days": days})

    assert not form.is_valid()
    assert form.first_error.startswith("Choose")


def test_faults_of_hidden_fields_say_that_the_page_is_old() -> None:
    form = PlaceForm({"price": "10", "days": "3", "size": "x", "idempotency_key": "x"})

    assert form.first_error == OUT_OF_DATE


def test_take_reads_size_and_price() -> None:
    form = TakeForm({"choice": "12:3456", "idempotency_key": str(uuid4())})

    assert form.is_valid()
    assert form.cleaned_data["choice"] == (12, 3456)
