from datetime import UTC, datetime

import pytest

from storefront.imports.faults import BadValue
from storefront.imports.values import moment, number, price_cents


@pytest.mark.parametrize("written", ["1291191960", "2010-12-01T08:26:00Z", "2010-12-01 09:26:00+01:00"])
def test_moment_reads_seconds_and_iso(written: str) -> None:
    found = moment(written)

    assert found == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "not a time"),
        ("yesterday", "not a time"),
        ("1291191960000", "time in milliseconds"),
        ("12", "time too early"),
        ("-1", "time too early"),
        ("4102444800", "time in the future"),
        ("1_291_191_960", "not a time"),
        ("١٢٩١١٩١٩٦٠", "not a time"),
        ("٢٠١٠-١٢-٠١", "not a time"),
        ("0001-01-01T00:00:00+05:00", "not a time"),
        ("9" * 5_000, "time in milliseconds"),
    ],
)
def test_moment_names_what_is_wrong(written: str, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        moment(written, latest=datetime(2026, 1, 1, tzinfo=UTC))

    assert caught.value.reason == reason


def test_moment_is_no_later_than_a_clock_can_tell() -> None:
    with pytest.raises(BadValue) as caught:
        moment("5138-11-16T09:46:39Z")

    assert caught.value.reason == "time too late"


@pytest.mark.parametrize(
    ("written", "cents"),
    [("2.55", 255), ("2.4699999999999998", 247), ("0.005", 1), ("+1e1", 1000), ("0", None), ("", None), ("null", None)],
)
def test_price_is_counted_in_whole_minor_units(written: str, cents: int | None) -> None:
    found = price_cents(written)

    assert found == cents


@pytest.mark.parametrize(
    "written",
    ["-11062.06", "abc", "1e400", "9e999999", "-9e999999", "Infinity", "NaN", "NaN0", "99999999999", "1_000", "٣", "."],
)
def test_price_refuses_what_nobody_can_pay(written: str) -> None:
    with pytest.raises(BadValue):
        price_cents(written)


@pytest.mark.parametrize("written", ["inf", "NaN", "1e999", "seven", "1,5", "1_000", "٣"])
def test_number_refuses_what_is_not_finite(written: str) -> None:
    with pytest.raises(BadValue, match="not a number"):
        number(written)
