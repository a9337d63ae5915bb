import pytest

from catalog.money import Money


@pytest.mark.parametrize(
    ("cents", "currency", "tag"),
    [
        (34_500, "USD", "$345"),
        (125_000_000, "USD", "$1,250,000"),
        (255, "GBP", "£2.55"),
        (5, "EUR", "€0.05"),
        (-300, "EUR", "-€3"),
        (0, "USD", "$0"),
    ],
)
def test_money_formats_a_price_tag(cents: int, currency: str, tag: str) -> None:
    amount = Money(cents, currency)

    text = str(amount)

    assert text == tag


def test_money_adds_and_compares_within_a_currency() -> None:
    low, high = Money(100, "GBP"), Money(250, "GBP")

    total, rest = low + high, high - low

    assert (total, rest) == (Money(350, "GBP"), Money(150, "GBP"))
    assert low < high


def test_money_refuses_to_mix_currencies() -> None:
    dollars, pounds = Money(100, "USD"), Money(100, "GBP")

    with pytest.raises(ValueError, match="GBP given where USD"):
        dollars + pounds


def test_money_refuses_an_unknown_currency_naming_the_known_ones() -> None:
    with pytest.raises(ValueError, match="must be one of EUR, GBP, USD"):
        Money(1, "DOGE")
