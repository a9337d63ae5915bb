import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import conf
from catalog.models import Trade, Variant
from catalog.services import buy_now
from recommendations.events import buffer
from recommendations.events.schema import Record, ServedList
from recommendations.ports import Interaction
from storefront.world import World, world_file
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_category, make_product, make_product_for_sale, make_variant
from tests.factories.drops import make_announced, set_clock
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

# What a strict content security policy would refuse to run or apply.
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def past_sale(variant: Variant, price_cents: int, days_ago: int) -> None:
    Trade.objects.create(
        variant=variant,
        source=Trade.Source.SIMULATION,
        price_cents=price_cents,
        traded_at=conf.now() - timedelta(days=days_ago),
    )


def test_product_page_shows_each_size_at_its_price(client: Client) -> None:
    product = make_product(name="Harbour Low")
    make_ask(make_variant(product, "9", position=1), 12_000)
    make_ask(make_variant(product, "10", position=2), 13_500)
    make_variant(product, "11", position=3)

    page = client.get(f"/p/{product.slug}/").content.decode()

    tiles = re.findall(r"<b>(\d+)</b><small>([^<]+)</small>", page)
    assert tiles == [("9", "$120"), ("10", "$135"), ("11", "Bid")]
    assert "<span>Buy now or bid</span><b>from $120</b>" in page
    assert "Lowest of 3 sizes: 9" in page
    shown = re.findall(r"<dt>(Spread|Against retail|Volatility)</dt>", page.partition("What the words mean")[0])
    explained = re.findall(r"<dt>([^<]+)</dt>", page.partition("What the words mean")[2])
    assert shown
    assert set(shown) <= set(explained)


def test_product_that_nobody_asks_for_claims_no_lowest_size(client: Client) -> None:
    product = make_product()
    for position, size in enumerate(("9", "10")):
        make_variant(product, size, position=position)

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "No asks yet in 2 sizes; this is 9" in page
    assert "Lowest of" not in page


def test_product_page_of_a_chosen_size_shows_its_quote_and_its_book_alone(client: Client) -> None:
    product = make_product(retail_price_cents=10_000)
    small, large = make_variant(product, "9", position=1), make_variant(product, "10", position=2)
    make_ask(small, 12_000)
    make_ask(large, 13_500)
    make_ask(large, 13_500)
    make_bid(large, 11_000)
    make_bid(small, 9_000)

    page = client.get(f"/p/{product.slug}/?size={large.pk}").content.decode()

    assert parts_of(page) == {"ask": "$135", "bid": "$110", "sale": "–", "spread": "$25", "premium": "+35%"}
    assert "The market for size 10" in page
    assert re.findall(r'class="tape-price">([^<]+)</td><td>(\d+)', page) == [("$135", "2"), ("$110", "1")]
    assert "<span>Buy now or bid</span><b>$135</b>" in page
    assert "<span>Sell now or ask</span><b>$110</b>" in page


def test_product_page_asked_by_htmx_answers_only_what_the_size_changes(client: Client) -> None:
    product = make_product()
    small, large = make_variant(product, "9", position=1), make_variant(product, "10", position=2)
    make_ask(small, 12_000)
    make_ask(large, 13_500)

    answer = client.get(f"/p/{product.slug}/?size={large.pk}", headers={"HX-Request": "true"})

    fragment = answer.content.decode()
    assert fragment.lstrip().startswith('<section class="market" id="market"')
    assert fragment.count("hx-swap-oob=") == 2
    assert parts_of(fragment)["ask"] == "$135"
    assert "<html" not in fragment
    assert "HX-Request" in answer["Vary"]


def test_product_page_that_htmx_takes_from_its_history_is_whole(client: Client) -> None:
    product = make_product_for_sale()
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    page = client.get(f"/p/{product.slug}/", headers=headers).content.decode()

    assert "<html" in page


def test_product_page_draws_what_it_sold_for_and_tells_it_in_a_table(client: Client) -> None:
    product = make_product_for_sale(retail_price_cents=11_000)
    variant = product.variants.get()
    for price_cents, days_ago in ((10_000, 400), (11_000, 60), (11_500, 20), (12_500, 2)):
        past_sale(variant, price_cents, days_ago)

    pages = {span: client.get(f"/p/{product.slug}/?span={span}").content.decode() for span in ("1m", "all")}

    line = {span: re.search(r'<polyline class="plot-line" points="([^"]+)"', page) for span, page in pages.items()}
    assert {span: len(found[1].split()) for span, found in line.items() if found} == {"1m": 2, "all": 4}
    assert "<td>$100</td>" in pages["all"]
    assert "<td>$100</td>" not in pages["1m"]
    assert 'aria-label="The last month" rel="nofollow" aria-current="true"' in pages["1m"]
    assert "Retail $110" in pages["all"]
    assert INLINE.search(pages["all"]) is None


@pytest.mark.parametrize("query", ["size=0", "size=x", "size=999999999999999999999", "span=x", "size=&span="])
def test_product_page_takes_no_notice_of_a_size_or_span_that_is_none(client: Client, query: str) -> None:
    product = make_product_for_sale()

    answer = client.get(f"/p/{product.slug}/?{query}")

    assert answer.status_code == 200


def parts_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-part="(\w+)"[^>]*>([^<]+)<', page))


def test_product_page_costs_five_queries_once_the_frame_is_warm(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = make_product_for_sale()
    # The second visit brings the cookie, and has what was hidden read for some minutes.
    client.get(f"/p/{product.slug}/")
    client.get(f"/p/{product.slug}/")

    with django_assert_num_queries(5):
        answer = client.get(f"/p/{product.slug}/")

    assert answer.status_code == 200


def test_product_page_with_a_row_beside_it_costs_five_queries_too(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product, *others = [make_product_for_sale() for _ in range(6)]
    serve_rotation(monkeypatch, "similar", FakeRuntime([other.sku for other in others]))
    # The second visit brings the cookie, and has what was hidden read for some minutes.
    client.get(f"/p/{product.slug}/")
    client.get(f"/p/{product.slug}/")

    with django_assert_num_queries(5):
        page = client.get(f"/p/{product.slug}/").content.decode()

    assert beside(page) == [other.sku for other in others]


def beside(page: str) -> list[str]:
    return re.findall(r'class="card" data-item-id="([^"]+)"', page)


def test_product_page_shows_what_one_has_standing_on_it_and_nobody_elses(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    me, client = make_user(), Client()
    client.force_login(me)
    product = make_product()
    small, large = make_variant(product, "9", position=1), make_variant(product, "10", position=2)
    make_ask(large, 15_000, seller=me)
    bid = make_bid(small, 9_000, buyer=me)
    make_bid(small, 9_500)
    make_bid(buyer=me)
    client.get(f"/p/{product.slug}/")

    # Session and account, what one hid, has standing and watches; the other five are everybody's.
    with django_assert_num_queries(10):
        page = client.get(f"/p/{product.slug}/").content.decode()

    assert re.findall(r"<li>You (\w+) <b>([^<]+)</b> for (\d+)", page) == [("bid", "$90", "9"), ("ask", "$150", "10")]
    assert f"/my/bids/{bid.pk}/" in page


def test_product_page_shows_similar_items_and_knows_clicks_on_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/privacy/")
    product, *others = [make_product_for_sale() for _ in range(6)]
    serve_rotation(monkeypatch, "similar", FakeRuntime([product.sku, *(other.sku for other in others)]))
    records: list[Record] = []
    monkeypatch.setattr(buffer, "record_served", records.append)
    monkeypatch.setattr(buffer, "record", records.append)

    page = client.get(f"/p/{product.slug}/").content.decode()
    first = re.findall(r'href="(/p/[^"]+\?r=[\w-]{32})"', page)[0]
    client.get(first)

    assert '<h2 id="row-similar">Similar Items</h2>' in page
    served = next(record for record in records if isinstance(record, ServedList))
    assert (served.row, served.rotation, served.rung) == ("similar", "similar", "personal")
    assert served.item_ids == tuple(other.sku for other in others)
    assert str(served.page_view_id) in page
    clicks = [one for one in records if isinstance(one, Interaction) and one.event_type == "row_click"]
    assert [(click.item_id, click.recommendation_id) for click in clicks] == [(others[0].sku, served.recommendation_id)]


def test_product_page_without_a_campaign_shows_what_is_popular_in_the_category(client: Client) -> None:
    product, *others = [make_product_for_sale(category=make_category("runners")) for _ in range(4)]
    make_product_for_sale(category=make_category("caps"))

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "Popular in Runners" in page
    assert set(beside(page)) == {other.sku for other in others}


def test_product_page_of_a_lone_product_has_no_row(client: Client) -> None:
    product = make_product_for_sale()

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert 'class="row"' not in page


def test_product_page_marks_nothing_for_a_shopper_who_is_not_recorded(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, other = [make_product_for_sale() for _ in range(2)]
    serve_rotation(monkeypatch, "similar", FakeRuntime([other.sku]))

    page = client.get(f"/p/{product.slug}/", headers={"Sec-GPC": "1"}).content.decode()

    assert beside(page) == [other.sku]
    assert "?r=" not in page
    assert "data-token" not in page


def test_product_page_needs_nothing_inline(client: Client) -> None:
    product = make_product_for_sale()

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert INLINE.search(page) is None


def test_product_page_of_a_delisted_product_is_not_found(client: Client) -> None:
    product = make_product(is_listed=False)

    answer = client.get(f"/p/{product.slug}/")

    assert answer.status_code == 404


def test_product_page_without_a_seller_says_so_instead_of_selling(client: Client) -> None:
    product = make_product()
    make_variant(product)

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "<span>Place a bid</span><b>Nobody asks yet</b>" in page
    assert "Not sold yet" in page
    assert "Nobody bids yet. Yours would be the highest." in page


def test_product_page_of_a_drop_counts_down_instead_of_selling(client: Client) -> None:
    drop = make_announced(opens_in=timedelta(days=12, hours=2), price_cents=15_500, n_pieces=4, sizes=("8", "9"))

    page = client.get(f"/p/{drop.product.slug}/").content.decode()

    assert f"{drop.opens_at:%a} {drop.opens_at.day} {drop.opens_at:%b, %H:%M} UTC</time>" in page
    assert '<b class="figures" data-countdown-words>12 days 2 hours</b>' in page
    assert all(words in page for words in ("$155", "<dd>8</dd>", "1 at most", "countdown.js"))
    assert INLINE.search(page) is None
    assert not any(words in page for words in ("/buy/", "Lowest ask", "Nobody asks", "Released", "htmx.min.js"))


def test_product_page_of_what_is_announced_without_a_drop_opens_with_its_day(client: Client) -> None:
    opens_on = conf.now().date() + timedelta(days=12)
    product = make_product_for_sale(released_on=opens_on, retail_price_cents=15_500)

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert f"{opens_on:%a} {opens_on.day} {opens_on:%b}, 00:00 UTC</time>" in page
    assert "$155" in page
    assert not any(words in page for words in ("/buy/", "$120", "Lowest ask", "Nobody asks", "Released"))


def test_product_page_of_an_open_drop_sells_and_tells_what_is_left(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    drop = make_announced(n_pieces=2)
    set_clock(settings, tmp_path, drop.opens_at + timedelta(seconds=1))
    variant_id = drop.sizes.get().variant_id
    fresh = client.get(f"/p/{drop.product.slug}/").content.decode()

    for _ in range(2):
        buy_now(variant_id=variant_id, buyer=make_user(), seen_price_cents=18_000, idempotency_key=uuid4())
    sold_out = client.get(f"/p/{drop.product.slug}/").content.decode()

    assert "2 of 2</b>" in fresh
    assert "Buy now or bid" in fresh
    assert "Sold out</b>" in sold_out
    assert "All 2 pieces are gone" in sold_out


def test_product_page_of_a_drop_of_one_piece_speaks_of_one(client: Client, settings: Settings, tmp_path: Path) -> None:
    drop = make_announced(n_pieces=1)
    set_clock(settings, tmp_path, drop.opens_at + timedelta(seconds=1))
    fresh = client.get(f"/p/{drop.product.slug}/").content.decode()

    variant_id = drop.sizes.get().variant_id
    buy_now(variant_id=variant_id, buyer=make_user(), seen_price_cents=18_000, idempotency_key=uuid4())
    sold_out = client.get(f"/p/{drop.product.slug}/").content.decode()

    assert "piece left at $180, 1 per account" in fresh
    assert "Its one piece is gone" in sold_out


def test_product_page_of_a_drop_on_its_day_sells(client: Client) -> None:
    product = make_product_for_sale(released_on=conf.now().date())

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "Buy now or bid" in page
    assert "Drops on" not in page


def test_product_page_sells_at_the_house_price_in_the_worlds_currency(
    client: Client, settings: Settings, tmp_path: Path
) -> None:

    settings.WORLD_DIR = tmp_path
    world_file().save(World(currency="GBP", name="Gift shop"))
    product = make_product(house_price_cents=255)
    make_variant(product, "One size")

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "£2.55" in page
    assert "Gift shop" in page
    assert "House price" in page
    assert f'data-choice="{product.variants.get().pk}:255"' in page


def test_watch_returns_to_the_product_with_a_word(client: Client) -> None:
    product = make_product_for_sale()

    answer = client.post(f"/p/{product.slug}/watch/", follow=True)

    assert answer.redirect_chain == [(f"/p/{product.slug}/?watched=1", 302)]
    assert "Noted" in answer.content.decode()
