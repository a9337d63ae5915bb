from datetime import timedelta
from itertools import product as pairs
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from catalog import conf
from catalog.dropping import Allowance
from catalog.models import Ask, Bid, Variant
from catalog.services import buy_now
from storefront.deals import Best, Deed, best_prices, review_of
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_variant
from tests.factories.drops import make_announced, set_clock

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


def test_best_prices_tell_of_the_limit_only_where_a_drops_piece_is_the_lowest_ask(
    settings: Settings, tmp_path: Path
) -> None:
    buyer, drop = make_user(), make_announced(limit_per_account=2)
    set_clock(settings, tmp_path, drop.opens_at + timedelta(seconds=1))
    variant = Variant.objects.select_related("product__drop").get(drop_size__drop=drop)
    buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=18_000, idempotency_key=uuid4())

    of_drop, of_stranger = best_prices(variant, account_id=buyer.pk), best_prices(variant, account_id=None)
    make_ask(variant, 17_000, make_user())
    of_others = best_prices(variant, account_id=buyer.pk)

    assert of_drop == Best(18_000, None, Allowance(limit=2, n_had=1))
    assert of_stranger == Best(18_000, None)
    assert of_others == Best(17_000, None)


@pytest.mark.parametrize(
    ("deed", "price_cents", "is_told"),
    [(Deed.BUY, 12_000, True), (Deed.BID, 12_000, True), (Deed.BID, 11_999, False), (Deed.SELL, 10_000, False)],
)
def test_review_tells_of_a_used_up_limit_where_the_deed_would_buy_the_drops_piece(
    deed: Deed, price_cents: int, is_told: bool
) -> None:
    variant = make_variant()
    full, open_still = (Best(12_000, 10_000, Allowance(limit=2, n_had=n_had)) for n_had in (2, 1))

    told = [review_of(deed, variant, best, price_cents=price_cents).used_up for best in (full, open_still)]

    assert told == [Allowance(limit=2, n_had=2) if is_told else None, None]
