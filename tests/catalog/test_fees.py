from dataclasses import astuple
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from catalog import conf
from catalog.fees import Amounts, FeeTable
from storefront.env import EnvironmentFault, read_environment

SHARES = st.integers(0, 9_999).map(lambda tenths: Decimal(tenths) / 10_000)
CENTS = st.integers(0, 999_999)
TABLES = st.builds(FeeTable, SHARES, CENTS, CENTS, SHARES, CENTS)
PRICES = st.integers(1, 1_000_000_00)


@pytest.mark.parametrize(
    ("price_cents", "expected"),
    [
        (20_000, Amounts(20_000, 600, 995, 21_595, 2_000, 18_000)),
        # Half a cent is rounded up: 3% of 150 is 4.5, and 10% of 12,345 is 1,234.5.
        (12_345, Amounts(12_345, 370, 995, 13_710, 1_235, 11_110)),
        # The least amounts.
        (500, Amounts(500, 50, 995, 1_545, 100, 400)),
        # A fee is never more than the price.
        (60, Amounts(60, 50, 995, 1_105, 60, 0)),
    ],
)
def test_amounts_follow_the_table(price_cents: int, expected: Amounts) -> None:
    table = FeeTable()

    amounts = table.amounts(price_cents)

    assert amounts == expected


@given(TABLES, PRICES)
def test_amounts_add_up_at_any_price(table: FeeTable, price_cents: int) -> None:
    amounts = table.amounts(price_cents)

    assert amounts.total == amounts.price + amounts.processing + amounts.shipping
    assert amounts.price == amounts.fee + amounts.payout
    assert min(astuple(amounts)) >= 0


@given(TABLES, st.integers(1, 1_000_000_00 - 1))
def test_dearer_sale_never_pays_the_seller_less(table: FeeTable, price_cents: int) -> None:
    cheaper, dearer = table.amounts(price_cents), table.amounts(price_cents + 1)

    assert dearer.payout >= cheaper.payout
    assert dearer.total > cheaper.total


@pytest.mark.django_db
@pytest.mark.parametrize("share", ["0.03", "0.1", "0.0725", "0.9999", "0"])
def test_postgresql_rounds_as_the_table_does(share: str) -> None:
    table = FeeTable(processing_share=Decimal(share), processing_min_cents=0)
    prices = [*range(1, 2_000), 12_345, 99_999_999, 100_000_000]

    with connection.cursor() as cursor:
        cursor.execute("SELECT round(p * %s::numeric)::int FROM unnest(%s::int[]) p", [Decimal(share), prices])
        rounded = [row[0] for row in cursor.fetchall()]

    assert rounded == [table.amounts(price).processing for price in prices]


@pytest.mark.parametrize("price_cents", [0, -1])
def test_amounts_refuse_a_price_that_is_none(price_cents: int) -> None:
    table = FeeTable()

    with pytest.raises(ValueError, match="price_cents"):
        table.amounts(price_cents)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"seller_share": "1"}, "seller_share"),
        ({"processing_share": "-0.1"}, "processing_share"),
        ({"shipping_cents": "-1"}, "shipping_cents"),
        ({"tip_share": "0.1"}, "tip_share"),
    ],
)
def test_table_refuses_what_is_no_fee(told: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        FeeTable.read(told)


def test_table_of_the_environment_keeps_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEES", "seller_share=0.08, shipping_cents=0")

    told = dict(each.split("=") for each in read_environment().fees)

    assert FeeTable.read(told) == FeeTable(seller_share=Decimal("0.08"), shipping_cents=0)


@pytest.mark.parametrize("told", ["seller_share=1.5", "seller=0.1", "shipping_cents=9.95", "processing_share=3%"])
def test_environment_refuses_a_fee_that_is_none(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEES", told)

    with pytest.raises(EnvironmentFault, match="FEES"):
        read_environment()


def test_shop_has_its_table_of_fees() -> None:
    assert conf.fees().amounts(10_000).payout < 10_000


def test_terms_name_the_fees_and_nothing_else() -> None:
    fees = FeeTable(shipping_cents=995)

    terms = fees.terms

    assert terms == FeeTable(shipping_cents=995).terms
    assert len({terms, FeeTable(shipping_cents=996).terms, FeeTable(seller_min_cents=101).terms}) == 3
