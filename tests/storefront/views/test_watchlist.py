import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import watching
from catalog.models import Watch
from catalog.watching import watch
from recommendations.events import buffer
from recommendations.ports import Interaction
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_product_for_sale
from tests.factories.drops import make_announced

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)
HX = {"HX-Request": "true"}


@pytest.fixture
def account() -> User:
    return make_user()


@pytest.fixture
def shopper(account: User) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_watch_keeps_the_product_for_an_account_and_tells_the_recommender(
    account: User, shopper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product_for_sale(price_cents=12_000)
    kept: list[tuple[str, str]] = []

    def keep(each: Interaction) -> bool:
        kept.append((each.event_type, each.item_id))
        return True

    monkeypatch.setattr(buffer, "record", keep)

    answer = shopper.post(f"/p/{product.slug}/watch/")

    assert answer.headers["Location"] == f"/p/{product.slug}/"
    assert Watch.objects.get(account=account).price_cents == 12_000
    assert ("watch", product.sku) in kept
    assert "Stop watching" in shopper.get(f"/p/{product.slug}/").content.decode()


def test_watch_of_a_guest_is_an_interest_and_no_list(client: Client) -> None:
    product = make_product_for_sale()

    page = client.post(f"/p/{product.slug}/watch/", follow=True).content.decode()

    assert not Watch.objects.exists()
    assert "Noted" in page
    assert "to keep a watchlist" in page


@pytest.mark.parametrize(
    ("back", "lands"),
    [("/watchlist/?page=2", "/watchlist/?page=2"), ("https://elsewhere.example/", None), ("//elsewhere.example", None)],
)
def test_watch_goes_back_to_where_the_shopper_was_and_nowhere_else(
    shopper: Client, back: str, lands: str | None
) -> None:
    product = make_product_for_sale()

    answer = shopper.post(f"/p/{product.slug}/watch/", {"next": back})

    assert answer.headers["Location"] == (lands or f"/p/{product.slug}/")


def test_unwatch_takes_the_product_off_and_leaves_others_lists(account: User, shopper: Client) -> None:
    product, other = make_product_for_sale(), make_user()
    for each in (account, other):
        watch(account=each, product_id=product.pk)

    shopper.post(f"/p/{product.slug}/unwatch/")

    assert list(Watch.objects.values_list("account", flat=True)) == [other.pk]
    assert "Stop watching" not in shopper.get(f"/p/{product.slug}/").content.decode()


def test_watch_and_unwatch_give_htmx_the_button_as_it_is_now(shopper: Client, client: Client) -> None:
    product = make_product_for_sale()

    watched = shopper.post(f"/p/{product.slug}/watch/", headers=HX).content.decode()
    unwatched = shopper.post(f"/p/{product.slug}/unwatch/", headers=HX).content.decode()
    noted = client.post(f"/p/{product.slug}/watch/", headers=HX).content.decode()

    assert watched.lstrip().startswith("<form")
    assert f"/p/{product.slug}/unwatch/" in watched
    assert f"/p/{product.slug}/watch/" in unwatched
    assert "Noted" in noted


def test_watch_of_a_full_list_says_so(shopper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_WATCHED", 1)
    first, second = make_product_for_sale(), make_product_for_sale()
    shopper.post(f"/p/{first.slug}/watch/")

    page = shopper.post(f"/p/{second.slug}/watch/", follow=True).content.decode()
    fragment = shopper.post(f"/p/{second.slug}/watch/", headers=HX).content.decode()

    assert "Your watchlist is full" in page
    assert "Your watchlist is full" in fragment
    assert Watch.objects.count() == 1


def test_watchlist_marks_what_fell_and_what_is_newly_for_sale(account: User, shopper: Client) -> None:
    fell, rose, new = make_product_for_sale(), make_product_for_sale(price_cents=15_000), make_product()
    variant = new.variants.create(size="9")
    for product in (fell, rose, new):
        watch(account=account, product_id=product.pk)
    Watch.objects.filter(product=rose).update(price_cents=12_000)
    make_ask(fell.variants.get(), 10_500)
    make_ask(variant, 5_000)

    page = shopper.get("/watchlist/").content.decode()

    marks = [re.sub(r"<[^>]+>", "", each).strip() for each in re.findall(r'class="fell">(.*?)</span>', page, re.DOTALL)]
    assert marks == ["For sale now", "$15 less than when you began to watch"]
    assert "$120 when you began to watch" in page
    assert re.findall(r'<small class="quiet">([^<]+)</small><b', page) == ["Lowest ask"] * 3
    assert INLINE.search(page) is None


def test_watchlist_tells_when_a_drop_opens(account: User, shopper: Client) -> None:
    drop = make_announced(opens_in=timedelta(days=3))
    watch(account=account, product_id=drop.product_id)

    page = shopper.get("/watchlist/").content.decode()

    assert f"{drop.opens_at:%a} {drop.opens_at.day} {drop.opens_at:%b, %H:%M} UTC</time>" in page
    assert '<small class="quiet">House price</small><b class="figures">$180</b>' in page
    assert 'class="fell"' not in page


def test_watchlist_is_ones_own_and_wants_a_sign_in(account: User, shopper: Client, client: Client) -> None:
    mine, theirs = make_product_for_sale(name="Mine"), make_product_for_sale(name="Theirs")
    watch(account=account, product_id=mine.pk)
    watch(account=make_user(), product_id=theirs.pk)

    page, guest = shopper.get("/watchlist/"), client.get("/watchlist/")

    assert re.findall(r'class="watch-name">([^<]+)<', page.content.decode()) == ["Mine"]
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert guest.headers["Location"].endswith("?next=/watchlist/")


def test_watchlist_without_anything_says_what_it_is_for(shopper: Client) -> None:
    page = shopper.get("/watchlist/").content.decode()

    assert "Nothing watched yet" in page


def test_watchlist_costs_as_many_queries_for_many_as_for_one(
    account: User, shopper: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        watch(account=account, product_id=make_product_for_sale().pk)
    shopper.get("/watchlist/")

    # Session, account, the number of products, the products.
    with django_assert_num_queries(4):
        shopper.get("/watchlist/")


@pytest.mark.parametrize("address", ["watch", "unwatch"])
def test_watch_needs_a_token_a_post_and_a_product(account: User, address: str) -> None:
    product, strict = make_product_for_sale(), Client(enforce_csrf_checks=True)
    strict.force_login(account)

    answers = [
        strict.post(f"/p/{product.slug}/{address}/").status_code,
        strict.get(f"/p/{product.slug}/{address}/").status_code,
    ]

    assert answers == [403, 405]
    assert not Watch.objects.exists()
