"""A click on the homepage becomes an interaction, once, with and without JavaScript, for its own shopper only."""

import json
import re
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from redis import Redis

from recommendations.events import recent, runner
from recommendations.events.connections import worker_client
from recommendations.events.stream import NAME
from recommendations.models import Impression, Interaction, RecommendationServed
from storefront import cards
from storefront.settings import VALKEY
from storefront.shelves import forget_newest
from tests.factories.catalog import make_product_for_sale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_shop(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    valkey: Redis = worker_client()
    for key in valkey.scan_iter(f"{NAME}*"):
        valkey.delete(key)
    cards.forget_cards()
    forget_newest()
    for number in range(6):
        make_product_for_sale(name=f"Harbour {number}")


def links_of(page: str) -> list[str]:
    """The cards' links with their tokens, in page order."""
    return re.findall(r'href="(/p/[^"]+\?r=[^"]{32})"', page)


def stored() -> Counter[str]:
    runner.run(drain=True)
    return Counter(Interaction.objects.values_list("event_type", flat=True))


def test_click_is_stored_once_without_javascript(client: Client) -> None:
    (link, *_) = links_of(client.get("/").content.decode())

    for _ in range(3):
        assert client.get(link).status_code == 200

    assert stored() == {"product_view": 3, "row_click": 1}
    click = Interaction.objects.get(event_type="row_click")
    assert click.recommendation_id is not None
    served = RecommendationServed.objects.get(pk=click.recommendation_id)
    assert click.item_id in served.item_ids
    assert click.shopper_key == served.shopper_key
    assert recent.recent(click.shopper_key)[0].item_id == click.item_id


def test_click_and_impressions_are_stored_once_with_javascript(client: Client) -> None:
    page = client.get("/").content.decode()
    (link, *_) = links_of(page)
    view = re.findall(r'data-page-view="([^"]+)"', page)[0]
    token = re.findall(r'data-token="([^"]+)"', page)[0]
    body = json.dumps({"page_view_id": view, "lists": [{"token": token, "ranks": [1, 2, 3]}]})

    for _ in range(2):
        client.post("/events/", body, content_type="text/plain", headers={"Sec-Fetch-Site": "same-origin"})
        client.get(link)

    assert stored() == {"product_view": 2, "row_click": 1}
    assert sorted(Impression.objects.values_list("rank", flat=True)) == [1, 2, 3]
    served = RecommendationServed.objects.get(pk=Impression.objects.all()[0].recommendation_id)
    assert str(served.page_view_id) == view


def test_click_on_another_shoppers_link_is_a_view_only(client: Client) -> None:
    (link, *_) = links_of(client.get("/").content.decode())
    stranger = Client()

    stranger.get(link)

    assert stored() == {"product_view": 1}


def test_click_on_a_product_that_was_not_in_the_list_is_a_view_only(client: Client) -> None:
    (link, *_) = links_of(client.get("/").content.decode())
    token = link.partition("?r=")[2]
    elsewhere = make_product_for_sale(name="Elsewhere")

    client.get(f"/p/{elsewhere.slug}/?r={token}")

    assert stored() == {"product_view": 1}


def test_search_click_is_stored_once_and_its_list_with_it(client: Client) -> None:
    page = client.get("/search/?q=harbour").content.decode()
    found = re.findall(r'href="(/p/[^"]+\?s=[^"]{32})"', page)

    for _ in range(2):
        client.get(found[0])

    assert stored() == {"product_view": 2, "search_click": 1}
    click = Interaction.objects.get(event_type="search_click")
    assert click.recommendation_id is not None
    served = RecommendationServed.objects.get(pk=click.recommendation_id)
    assert (served.row, len(served.item_ids)) == ("search", len(found))
    assert click.item_id in served.item_ids


@pytest.mark.parametrize(("address", "parameter"), [("/", "s"), ("/search/?q=harbour", "r")])
def test_token_of_one_kind_used_as_the_other_reaches_no_group(client: Client, address: str, parameter: str) -> None:
    page = client.get(address).content.decode()
    path, token = re.findall(r'href="(/p/[^"?]+)\?[rs]=([^"]{32})"', page)[0]

    client.get(f"{path}?{parameter}={token}")

    assert stored() == {"product_view": 1}
    (view,) = Interaction.objects.all()
    assert [event.event_type for event in recent.recent(view.shopper_key)] == ["product_view"]


def test_search_token_on_a_product_that_was_not_found_is_a_view_only(client: Client) -> None:
    page = client.get("/search/?q=harbour").content.decode()
    token = re.findall(r"\?s=([^\"]{32})", page)[0]
    elsewhere = make_product_for_sale(name="Elsewhere")

    client.get(f"/p/{elsewhere.slug}/?s={token}")

    assert stored() == {"product_view": 1}


def test_shopper_who_sends_the_privacy_signal_leaves_nothing(client: Client) -> None:
    page = client.get("/", headers={"Sec-GPC": "1"})
    links = re.findall(r'href="(/p/[^"?]+)', page.content.decode())

    client.get(links[0], headers={"Sec-GPC": "1"})

    assert links_of(page.content.decode()) == []
    assert stored() == {}
    assert not RecommendationServed.objects.exists()


def test_pages_are_served_at_once_while_valkey_is_down(client: Client, settings: Settings) -> None:
    (link, *_) = links_of(client.get("/").content.decode())
    settings.STATE_URL = "unix:///nonexistent/valkey.sock"
    answers, took_s = [], []

    for _ in range(20):
        began_s = time.monotonic()
        answers.append(client.get(link))
        took_s.append(time.monotonic() - began_s)
    settings.STATE_URL = VALKEY.client(0)

    assert {answer.status_code for answer in answers} == {200}
    # Others who use the machine delay some of them; a wait for Valkey would delay all.
    assert statistics.median(took_s) < 0.5
    # What the buffer held meanwhile goes out once Valkey is back.
    assert stored() == {"product_view": 20, "row_click": 1}
