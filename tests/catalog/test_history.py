from datetime import timedelta

import pytest

from catalog import conf, history
from catalog.history import add_staged, copying_trades, staging_trades
from catalog.models import Quote, Trade
from tests.factories.catalog import make_ask, make_variant

pytestmark = pytest.mark.django_db


def add(variant_id: int, *prices: tuple[int, int], source: Trade.Source = Trade.Source.SIMULATION) -> int:
    """Trades of (price in cents, days ago), counted from a midnight so that equal days are equal times."""
    midnight = conf.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with staging_trades():
        with copying_trades() as copy:
            for price_cents, days_ago in prices:
                copy.write_row((variant_id, price_cents, midnight - timedelta(days=days_ago)))
        return add_staged(source)


def test_add_staged_takes_as_many_of_equal_trades_as_are_short() -> None:
    variant = make_variant()
    add(variant.pk, (500, 3), (500, 3))

    n_new = add(variant.pk, (500, 3), (500, 3), (500, 3), (600, 3))

    assert n_new == 2
    assert sorted(Trade.objects.values_list("price_cents", flat=True)) == [500, 500, 500, 600]


def test_add_staged_sets_the_last_sale_and_leaves_the_rest_of_the_quote() -> None:
    ask = make_ask(price_cents=900)

    add(ask.variant_id, (700, 2), (500, 30))

    quote = Quote.objects.get(variant=ask.variant_id)
    assert (quote.last_sale_cents, quote.lowest_ask_cents) == (700, 900)


def test_add_staged_older_trades_leave_the_last_sale() -> None:
    variant = make_variant()
    add(variant.pk, (700, 2))

    add(variant.pk, (500, 30))

    assert Quote.objects.get(variant=variant).last_sale_cents == 700


def test_add_staged_looks_at_no_other_source() -> None:
    variant = make_variant()
    add(variant.pk, (700, 2), source=Trade.Source.IMPORT)

    n_new = add(variant.pk, (700, 2))

    assert n_new == 1
    assert set(Trade.objects.values_list("source", flat=True)) == {"import", "simulation"}


def test_add_staged_goes_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BATCH_TRADES", 2)
    variant = make_variant()

    n_new = add(variant.pk, *((100 + day, day) for day in range(5)))

    assert n_new == Trade.objects.count() == 5
    assert Quote.objects.get(variant=variant).last_sale_cents == 100
