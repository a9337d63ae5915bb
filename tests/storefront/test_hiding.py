"""Hidden products: in no row of whoever hid them, for nobody else, until they are shown again or forgotten."""

import re

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from recommendations.events import buffer, cookie
from recommendations.events.schema import EVENT_TYPES
from recommendations.ports import Interaction
from storefront import hiding
from storefront.accounts.models import HiddenItem
from storefront.looks import WORDS
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_product, make_product_for_sale
from tests.storefront.views.test_lists import card_skus

pytestmark = pytest.mark.django_db


def key_of(client: Client) -> str:
    visit = cookie.read(client.cookies[cookie.NAME].value)
    assert visit is not None
    return visit.shopper_key


@pytest.fixture
def known(client: Client) -> Client:
    """A visitor whose device kept its cookie."""
    client.get("/privacy/")
    return client


@pytest.fixture
def product() -> Product:
    return make_product_for_sale(sku="GONE", slug="gone", name="Estuary Gone")


def home_skus(client: Client) -> list[str]:
    return card_skus(client.get("/").content.decode())


def test_hidden_product_leaves_every_row_at_once_and_returns_when_asked(known: Client, product: Product) -> None:
    make_product_for_sale(sku="KEPT")
    before = home_skus(known)

    hidden = known.post("/p/gone/hide/")
    without = home_skus(known)
    known.post("/p/gone/show-again/")

    assert hidden["Location"] == "/p/gone/"
    assert set(before) == {"GONE", "KEPT"}
    assert set(without) == {"KEPT"}
    assert set(home_skus(known)) == {"GONE", "KEPT"}


def test_card_hides_without_scripts_by_the_pages_one_form_and_leads_back_to_the_page(
    known: Client, product: Product
) -> None:
    page = known.get("/?utm=letter").content.decode()

    answer = known.post("/p/gone/hide/", {"next": "/?utm=letter"})

    assert page.count('<form id="hide" method="post" hidden>') == 1
    assert '<input type="hidden" name="next" value="/?utm=letter">' in page
    assert re.search(r'<button class="card-hide" type="submit" form="hide" formaction="/p/gone/hide/"', page)
    assert answer["Location"] == "/?utm=letter"
    assert home_skus(known) == []


def test_card_that_is_hidden_by_script_is_exchanged_for_a_word_and_a_way_back(known: Client, product: Product) -> None:
    answer = known.post("/p/gone/hide/", headers={"HX-Request": "true"})

    said = answer.content.decode()
    assert (answer.status_code, "<html" in said) == (200, False)
    assert 'role="status"' in said
    assert 'formaction="/p/gone/show-again/"' in said
    assert home_skus(known) == []


def test_cards_offer_no_hiding_to_whom_nothing_may_be_kept_of(client: Client, product: Product) -> None:
    page = client.get("/", headers={"Sec-GPC": "1"}).content.decode()
    asked = client.post("/p/gone/hide/", headers={"Sec-GPC": "1", "HX-Request": "true"})

    assert "GONE" in card_skus(page)
    assert "card-hide" not in page
    assert 'id="hide"' not in page
    assert (asked.status_code, asked.content) == (204, b"")


def test_hiding_from_a_card_is_a_signal(known: Client, product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[str, str, str]] = []

    def keep(each: Interaction) -> bool:
        kept.append((each.shopper_key, each.event_type, each.item_id))
        return True

    monkeypatch.setattr(buffer, "record", keep)

    known.post("/p/gone/hide/", headers={"HX-Request": "true"})

    assert kept == [(key_of(known), "hide", "GONE")]


def test_hidden_product_is_shown_to_everybody_else_and_in_searches(known: Client, product: Product) -> None:
    known.post("/p/gone/hide/")
    stranger = Client()
    stranger.get("/privacy/")

    seen = home_skus(stranger)
    found = card_skus(known.get("/search/?q=estuary").content.decode())

    assert (seen, found) == (["GONE"], ["GONE"])


def test_product_page_says_that_it_is_hidden_and_offers_to_show_it(known: Client, product: Product) -> None:
    offered = known.get("/p/gone/").content.decode()

    known.post("/p/gone/hide/")
    page = known.get("/p/gone/").content.decode()

    assert 'action="/p/gone/hide/"' in offered
    assert "Hidden: none of your rows shows it." in page
    assert 'action="/p/gone/show-again/"' in page


def test_privacy_page_lists_what_is_hidden_and_leads_back_to_itself(known: Client, product: Product) -> None:
    known.post("/p/gone/hide/")

    page = known.get("/privacy/").content.decode()
    answer = known.post("/p/gone/show-again/", {"next": "/privacy/"})

    assert re.search(r"What you hid from your rows.*Estuary Gone", page, re.DOTALL)
    assert answer["Location"] == "/privacy/"
    assert "What you hid" not in known.get("/privacy/").content.decode()


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_hiding_never_leads_off_the_site(known: Client, product: Product, back: str) -> None:
    answer = known.post("/p/gone/hide/", {"next": back})

    assert answer["Location"] == "/p/gone/"


def test_nothing_is_kept_of_a_shopper_who_may_not_be_recorded(client: Client, product: Product) -> None:
    client.post("/p/gone/hide/", headers={"Sec-GPC": "1"})

    page = client.get("/p/gone/", headers={"Sec-GPC": "1"}).content.decode()

    assert not HiddenItem.objects.exists()
    assert "/hide/" not in page


def test_hiding_goes_with_the_device_to_its_account(known: Client, product: Product) -> None:
    user = make_user()
    phone = Client()
    phone.get("/privacy/")
    phone.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    known.post("/p/gone/hide/")

    known.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})

    assert home_skus(phone) == []
    assert HiddenItem.objects.get().shopper_key == key_of(phone)


def test_hiding_is_forgotten_with_the_shopper(known: Client, product: Product) -> None:
    known.post("/p/gone/hide/")

    known.post("/privacy/choice/", {"choice": "forget"})

    assert not HiddenItem.objects.exists()


def test_hidden_products_are_bounded_and_the_oldest_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "MOST_HIDDEN", 2)
    products = [make_product(sku=f"P-{number}") for number in range(3)]

    for each in products:
        hiding.hide("a" * 32, each)

    assert hiding.hidden_skus("a" * 32) == {"P-1", "P-2"}


def test_joined_keys_keep_a_product_that_both_hid_once(product: Product) -> None:
    hiding.hide("a" * 32, product)
    hiding.hide("b" * 32, product)

    hiding.move_hidden("a" * 32, "b" * 32)

    assert [row.shopper_key for row in HiddenItem.objects.all()] == ["b" * 32]


def test_hidden_products_are_read_once_and_without_the_cache_each_time(
    product: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hiding.hide("a" * 32, product)

    with django_assert_num_queries(1):
        kept = [hiding.hidden_skus("a" * 32) for _ in range(3)]
    caches["default"].clear()
    with django_assert_num_queries(1):
        again = hiding.hidden_skus("a" * 32)

    assert kept == [again] * 3 == [frozenset({"GONE"})] * 3


def test_every_deed_has_its_words() -> None:
    assert set(WORDS) == set(EVENT_TYPES)
