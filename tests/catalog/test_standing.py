from datetime import timedelta

import pytest

from catalog import conf
from catalog.models import Bid, Quote
from catalog.standing import StandingOrder, add_standing, books_held
from tests.factories.accounts import make_user
from tests.factories.catalog import make_variant

pytestmark = pytest.mark.django_db


def order(variant_id: int, account_id: int, price_cents: int, *, hours_ago: int = 1) -> StandingOrder:
    placed_at = conf.now() - timedelta(hours=hours_ago)
    return StandingOrder(variant_id, account_id, price_cents, placed_at, placed_at + timedelta(days=3))


def test_add_standing_writes_orders_by_age_and_moves_the_quote() -> None:
    variant, buyer, seller = make_variant(), make_user(), make_user()
    bids = [order(variant.pk, buyer.pk, 900), order(variant.pk, buyer.pk, 950, hours_ago=2)]

    with books_held():
        add_standing(bids, [order(variant.pk, seller.pk, 1_000)], at=conf.now())

    quote = Quote.objects.get(variant=variant)
    assert (quote.highest_bid_cents, quote.lowest_ask_cents) == (950, 1_000)
    assert list(Bid.objects.order_by("id").values_list("price_cents", flat=True)) == [950, 900]


def test_add_standing_refuses_a_book_that_would_be_crossed() -> None:
    variant, buyer, seller = make_variant(), make_user(), make_user()

    with pytest.raises(ValueError, match=f"variant {variant.pk} would be crossed"), books_held():
        add_standing([order(variant.pk, buyer.pk, 1_000)], [order(variant.pk, seller.pk, 1_000)], at=conf.now())

    assert not Bid.objects.exists()
