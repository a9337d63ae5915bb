import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import conf
from catalog.models import Ask, Product, Trade
from recommendations.events import buffer
from recommendations.events.schema import Record, ServedList
from recommendations.models import OutboxInteraction
from recommendations.ports import Interaction
from storefront.world import World, world_file
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_category, make_product, make_product_for_sale, make_variant
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

# What a strict content security policy would refuse to run or apply.
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def order_of(product: Product, *, seen_price_cents: int = 12_000, **fields: Any) -> dict[str, str]:
    variant = product.variants.get()
    return {"choice": f"{variant.pk}:{seen_price_cents}", "idempotency_key": str(uuid4()), **fields}


def signed_in() -> Client:
    client = Client()
    client.force_login(make_user())
    return client


def test_product_page_shows_each_size_at_its_price(client: Client) -> None:
    product = make_product(name="Harbour Low")
    make_ask(make_variant(product, "9", position=1), 12_000)
    make_ask(make_variant(product, "10", position=2), 13_500)
    make_variant(product, "11", position=3)

    page = client.get(f"/p/{product.slug}/").content.decode()

    tiles = re.findall(r"<b>(\d+)</b><small>([^<]+)</small>", page)
    assert tiles == [("9", "$120"), ("10", "$135"), ("11", "No asks")]
    assert "Sign in to buy" in page


def test_product_page_costs_two_queries_once_the_frame_is_warm(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = make_product_for_sale()
    client.get(f"/p/{product.slug}/")

    with django_assert_num_queries(2):
        answer = client.get(f"/p/{product.slug}/")

    assert answer.status_code == 200


def test_product_page_with_a_row_beside_it_costs_two_queries_too(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product, *others = [make_product_for_sale() for _ in range(6)]
    serve_rotation(monkeypatch, "similar", FakeRuntime([other.sku for other in others]))
    client.get(f"/p/{product.slug}/")

    with django_assert_num_queries(2):
        page = client.get(f"/p/{product.slug}/").content.decode()

    assert beside(page) == [other.sku for other in others]


def beside(page: str) -> list[str]:
    return re.findall(r'class="card" data-item-id="([^"]+)"', page)


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

    assert '<h2 id="row-similar">Similar items</h2>' in page
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

    assert "Nobody asks for it right now" in page
    assert "/buy/" not in page


def test_product_page_of_a_drop_names_the_day_instead_of_selling(client: Client) -> None:
    opens_on = conf.now().date() + timedelta(days=12)
    product = make_product_for_sale(released_on=opens_on, retail_price_cents=15_500)

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert f"<strong>Drops on {opens_on:%-d %B %Y}.</strong>" in page
    assert "<dd>12 days</dd>" in page
    assert "$155" in page
    assert "Watch this drop" in page
    assert INLINE.search(page) is None
    assert not any(words in page for words in ("/buy/", "$120", "Lowest ask", "Nobody asks", "Released"))


def test_product_page_of_a_drop_on_its_day_sells(client: Client) -> None:
    product = make_product_for_sale(released_on=conf.now().date())

    page = client.get(f"/p/{product.slug}/").content.decode()

    assert "Sign in to buy" in page
    assert "Drops on" not in page


def test_buy_of_a_drop_before_its_day_charges_nothing_and_says_why() -> None:
    product, client = make_product_for_sale(released_on=conf.now().date() + timedelta(days=1)), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    assert answer.status_code == 409
    assert "It is not out yet" in answer.content.decode()
    assert "<dd>1 day</dd>" in answer.content.decode()
    assert not Trade.objects.exists()


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
    assert f'name="choice" value="{product.variants.get().pk}:255"' in page


def test_buy_makes_a_trade_a_receipt_and_an_interaction() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product), follow=True)

    trade = Trade.objects.get()
    assert answer.redirect_chain == [(f"/orders/{trade.pk}/?new=1", 302)]
    assert "It is yours" in answer.content.decode()
    assert OutboxInteraction.objects.count() == 1


def test_buy_sent_twice_buys_once() -> None:
    product, client = make_product_for_sale(), signed_in()
    make_ask(product.variants.get(), 12_000)
    order = order_of(product)

    first, second = (client.post(f"/p/{product.slug}/buy/", order) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert (Trade.objects.count(), OutboxInteraction.objects.count()) == (1, 1)


def test_buy_by_a_shopper_without_consent_leaves_a_trade_and_no_interaction() -> None:
    product, client = make_product_for_sale(), signed_in()

    client.post(f"/p/{product.slug}/buy/", order_of(product), headers={"Sec-GPC": "1"})

    assert (Trade.objects.count(), OutboxInteraction.objects.count()) == (1, 0)


def test_buy_at_a_moved_price_charges_nothing_and_shows_the_new_one() -> None:
    product, client = make_product_for_sale(price_cents=15_000), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product, seen_price_cents=12_000))

    assert answer.status_code == 409
    assert "The price moved from $120 to $150" in answer.content.decode()
    assert not Trade.objects.exists()


def test_buy_of_an_ask_that_ran_out_shows_the_page_without_it() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()
    Ask.objects.update(expires_at=conf.now())

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "nobody asks for this size any more" in page
    assert "Nobody asks for it right now" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"choice": ""}, "Choose a size first"),
        ({"choice": "9"}, "Choose a size again"),
        ({"choice": "0:12000"}, "does not come in that size"),
        ({"choice": "999999999999999999:1"}, "does not come in that size"),
        ({"idempotency_key": "x"}, "out of date"),
    ],
)
def test_buy_with_a_wrong_form_explains_itself(fields: dict[str, Any], words: str) -> None:
    product, client = make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product, **fields))

    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_buy_of_a_size_of_another_product_is_refused() -> None:
    product, other, client = make_product_for_sale(), make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(other))

    assert answer.status_code == 400
    assert not Trade.objects.exists()


def test_buy_as_a_stranger_leads_to_signing_in(client: Client) -> None:
    product = make_product_for_sale()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    assert answer["Location"] == f"/accounts/sign-in/?next=/p/{product.slug}/"
    assert not Trade.objects.exists()


def test_buy_wants_a_token_against_forgery() -> None:
    product, client = make_product_for_sale(), Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    assert answer.status_code == 403


def test_watch_returns_to_the_product_with_a_word(client: Client) -> None:
    product = make_product_for_sale()

    answer = client.post(f"/p/{product.slug}/watch/", follow=True)

    assert answer.redirect_chain == [(f"/p/{product.slug}/?watched=1", 302)]
    assert "Noted" in answer.content.decode()
