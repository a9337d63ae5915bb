import pytest

from experiments.formats import (
    find_decimals,
    write_chance,
    write_difference,
    write_number,
    write_p,
    write_range,
    write_relative,
    write_share,
    write_signed,
    write_value,
)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.05, "share", "5.00%"),
        (0.00123, "share", "0.123%"),
        (3.0, "money", "3.00"),
        (1234.5, "money", "1,234.50"),
        (-2.5, "money", "−2.50"),
        (86.0, "ms", "86.0 ms"),
        (0.06, "count", "0.0600"),
        (12345.0, "count", "12,345"),
        (0.0, "count", "0"),
        (7.0, "unheard-of", "7.00"),
    ],
)
def test_value_is_written_by_its_unit(value: float, unit: str, written: str) -> None:
    assert write_value(value, unit) == written


@pytest.mark.parametrize(
    ("figures", "unit", "change", "interval"),
    [
        ((0.008, 0.0048, 0.0112), "share", "+0.80 pp", "+0.48 to +1.12 pp"),
        ((-0.002, -0.00269, -0.00131), "share", "−0.200 pp", "−0.269 to −0.131 pp"),
        ((0.6, 0.32, 0.88), "money", "+0.60", "+0.32 to +0.88"),
        ((6.0, 5.43, 6.57), "ms", "+6.00 ms", "+5.43 to +6.57 ms"),
        ((6.0, None, 6.57), "ms", "+6.0 ms", "at most +6.6 ms"),
        ((6.0, 5.43, None), "ms", "+6.0 ms", "at least +5.4 ms"),
        ((6.0, None, None), "ms", "+6.0 ms", ""),
        ((0.0, 0.0, 0.0), "count", "0.00", "0.00 to 0.00"),
    ],
)
def test_difference_is_as_exact_as_its_interval(
    figures: tuple[float, float | None, float | None], unit: str, change: str, interval: str
) -> None:
    found = write_difference(*figures, unit)

    assert (found.change, found.interval) == (change, interval)


@pytest.mark.parametrize(("half", "decimals"), [(0.32, 2), (3.2, 1), (32.0, 0), (3200.0, 0), (0.00057, 5), (0.0, 2)])
def test_decimals_show_two_digits_of_the_uncertainty(half: float, decimals: int) -> None:
    assert find_decimals(half) == decimals


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert [write_signed(value, 1) for value in (-0.04, 0.04, -0.06, 0.06)] == ["0.0", "0.0", "−0.1", "+0.1"]


@pytest.mark.parametrize(
    ("p_value", "written"), [(0.5, "0.50"), (0.0456, "0.046"), (0.0021, "0.0021"), (1e-9, "< 0.0001")]
)
def test_p_value_is_short(p_value: float, written: str) -> None:
    assert write_p(p_value) == written


@pytest.mark.parametrize(("chance", "written"), [(0.5, "50.0%"), (0.99999, "> 99.9%"), (1e-9, "< 0.1%")])
def test_chance_is_never_certain(chance: float, written: str) -> None:
    assert write_chance(chance) == written


def test_range_without_ends_is_empty() -> None:
    assert write_range(None, None, write_number) == ""
    assert write_range(1.0, 2.0, write_number) == "1.00 to 2.00"


def test_share_and_relative_are_percentages() -> None:
    assert (write_share(0.7), write_relative(0.163), write_relative(-0.05)) == ("70.0%", "+16%", "−5%")
