from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Max, Min

from catalog.models import Ask, Bid, Order, Product, Quote, Trade
from recommendations.models import Interaction
from storefront.accounts.models import User
from tests.factories.catalog import make_product, make_variant

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def market() -> str:
    run("seed_catalog")
    run("seed_shoppers")
    return run("seed_market")


def test_seed_market_gives_most_sizes_a_last_sale_and_many_a_bid(market: str) -> None:
    listed = Quote.objects.filter(variant__product__in=Product.objects.listed())

    n_all = listed.count()

    assert "trades over 104 weeks" in market
    assert Trade.objects.count() > 20_000
    assert listed.exclude(last_sale_cents=None).count() > 0.9 * n_all
    assert listed.exclude(highest_bid_cents=None).count() > 0.5 * n_all
    assert listed.filter(highest_bid_cents__gte=F("lowest_ask_cents")).count() == 0


@pytest.mark.usefixtures("market")
def test_seed_market_leaves_history_that_nobody_here_made() -> None:
    trades = Trade.objects.exclude(source=Trade.Source.SIMULATION)

    span = Trade.objects.aggregate(first=Min("traded_at"), last=Max("traded_at"))

    assert not trades.exists()
    assert not Order.objects.exists()
    assert span["last"] <= settings.CLOCK.now()
    assert settings.CLOCK.now() - span["first"] > timedelta(days=700)


@pytest.mark.usefixtures("market")
def test_seed_market_keeps_every_simulated_purchase_as_a_trade() -> None:
    bought = Interaction.objects.filter(event_type="purchase").values_list("item_id", "event_value", "occurred_at")

    held = Counter(Trade.objects.values_list("variant__product__sku", "price_cents", "traded_at"))

    wanted = Counter((sku, round(value * 100), at) for sku, value, at in bought if value is not None)
    assert wanted.total() > 300
    assert not wanted - held


@pytest.mark.usefixtures("market")
def test_seed_market_quotes_say_what_the_books_hold() -> None:
    now = settings.CLOCK.now()
    asks = dict(Ask.objects.filter(status="open").values_list("variant").annotate(Min("price_cents")))
    bids = dict(
        Bid.objects.filter(status="open", expires_at__gt=now).values_list("variant").annotate(Max("price_cents"))
    )

    quotes = Quote.objects.values_list("variant", "lowest_ask_cents", "highest_bid_cents", "last_sale_cents")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (variant_id) variant_id, price_cents FROM catalog_trade "
            "ORDER BY variant_id, traded_at DESC, id DESC"
        )
        sales = dict(cursor.fetchall())
    assert {(pk, asks.get(pk), bids.get(pk), sales.get(pk)) for pk, *_ in quotes} == set(quotes)


@pytest.mark.usefixtures("market")
def test_seed_market_lets_shoppers_own_what_they_asked_and_bid_lately() -> None:
    since = settings.CLOCK.now() - timedelta(days=3)
    lately = Interaction.objects.filter(event_type="ask", occurred_at__gte=since, shopper_key__startswith="sim-")

    held = set(Ask.objects.exclude(seller=None).values_list("seller__username", "variant__product__sku", "placed_at"))

    assert lately.exists()
    asked = lately.values_list("shopper_key", "item_id", "occurred_at")
    assert {(key.replace("sim-", "trader-"), sku, at) for key, sku, at in asked} <= held
    assert Bid.objects.exclude(buyer__username__startswith="trader-").count() == 0


@pytest.mark.usefixtures("market")
def test_seed_market_accounts_are_nobodys_to_sign_in_to() -> None:
    trader = User.objects.filter(username__startswith="trader-").first()

    assert trader is not None
    is_entered = trader.check_password("") or trader.check_password(trader.password)

    assert not is_entered
    assert not trader.has_usable_password()
    assert trader.shopper_key is None


def test_seed_market_again_says_so_and_changes_nothing(market: str) -> None:
    n_trades, n_bids = Trade.objects.count(), Bid.objects.count()

    said = run("seed_market")

    assert market.startswith("Simulated")
    assert "Nothing to do" in said
    assert (Trade.objects.count(), Bid.objects.count()) == (n_trades, n_bids)


def test_seed_market_wants_a_catalogue_first() -> None:
    with pytest.raises(CommandError, match="seed the catalogue first"):
        run("seed_market")

    assert not User.objects.exists()


def test_seed_market_refuses_an_imported_world() -> None:
    make_variant(make_product(attributes={"origin": "import"}))

    with pytest.raises(CommandError, match="WORLD="):
        run("seed_market")

    assert not Trade.objects.exists()


@pytest.mark.parametrize(("option", "value"), [("--weeks", "0"), ("--weeks", "521"), ("--seed", "-1")])
def test_seed_market_names_an_option_out_of_range(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=f"{option} is {value}"):
        run("seed_market", f"{option}={value}")
