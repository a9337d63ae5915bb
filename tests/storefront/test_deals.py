from datetime import timedelta
from itertools import product as pairs

import pytest

from catalog import conf
from catalog.models import Ask, Bid
from storefront.deals import Best, Deed, best_prices, review_of
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product, make_variant

pytestmark = pytest.mark.django_db


def test_best_prices_leave_out_ones_own_and_fall_back_on_the_house() -> None:
    me, other = make_user(), make_user()
    variant = make_variant(make_product(house_price_cents=20_000))
    now = conf.now()
    until = now + timedelta(days=1)
    Ask.objects.create(variant=variant, seller=me, price_cents=9_000, placed_at=now, expires_at=until)
    Bid.objects.create(variant=variant, buyer=other, price_cents=7_000, placed_at=now, expires_at=until)

    mine, theirs = best_prices(variant, account_id=me.pk), best_prices(variant, account_id=other.pk)

    assert (mine.ask_cents, mine.bid_cents) == (20_000, 7_000)
    assert (theirs.ask_cents, theirs.bid_cents) == (9_000, None)
    assert best_prices(variant, account_id=None) == Best(ask_cents=9_000, bid_cents=7_000)


def test_review_meets_what_stands_exactly_where_the_limit_reaches_it() -> None:
    variant, best = make_variant(), Best(ask_cents=12_000, bid_cents=10_000)

    met = {
        (deed, cents): review_of(deed, variant, best, price_cents=cents, days=3).meets_cents
        for deed, cents in pairs((Deed.BID, Deed.ASK), (9_999, 10_000, 10_001, 11_999, 12_000, 12_001))
    }

    assert {key for key, value in met.items() if value} == {
        (Deed.BID, 12_000),
        (Deed.BID, 12_001),
        (Deed.ASK, 10_000),
        (Deed.ASK, 9_999),
    }
    assert {met[Deed.BID, 12_001], met[Deed.ASK, 9_999]} == {12_000, 10_000}


@pytest.mark.parametrize(("deed", "price_cents"), [(Deed.BID, 15_000), (Deed.BUY, 12_000)])
def test_review_shows_the_money_of_the_trade_that_follows(deed: Deed, price_cents: int) -> None:
    variant, best = make_variant(), Best(ask_cents=12_000, bid_cents=None)

    review = review_of(deed, variant, best, price_cents=price_cents)

    assert review.amounts == conf.fees().amounts(12_000)
    assert review.choice == f"{variant.pk}:{price_cents}"


def test_review_of_what_nobody_meets_shows_the_money_of_its_limit() -> None:
    review = review_of(Deed.ASK, make_variant(), Best(None, None), price_cents=8_000, days=7)

    assert review.meets_cents is None
    assert review.amounts == conf.fees().amounts(8_000)
