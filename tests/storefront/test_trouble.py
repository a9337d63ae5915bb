import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import make_user
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
HOST = "http://testserver"


def test_form_without_its_token_gets_a_page_that_leads_back_to_a_fresh_copy() -> None:
    client = Client(enforce_csrf_checks=True)
    came_from = {"Referer": f"{HOST}/search/?q=low&page=2"}

    answer = client.post("/privacy/choice/", {"choice": "no"}, headers=came_from)

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Once more, please" in page
    assert 'href="/search/?q=low&amp;page=2"' in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "before",
    [
        "https://elsewhere.example/trap/",
        f"{HOST}//elsewhere.example/trap/",
        f"{HOST}/\\\\elsewhere.example/",
        "",
        "http://[",
    ],
)
def test_way_back_never_leaves_the_shop(before: str) -> None:
    client = Client(enforce_csrf_checks=True)

    page = client.post("/privacy/choice/", {"choice": "no"}, headers={"Referer": before}).content.decode()

    ways = re.findall(r'class="button[^"]*" href="([^"]*)"', page)
    assert ways
    assert all(way.startswith("/") and not way.startswith("//") for way in ways)


def test_address_of_a_form_that_is_opened_says_so(client: Client) -> None:
    answer = client.get("/privacy/choice/", headers={"Referer": f"{HOST}/privacy/"})

    page = answer.content.decode()
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "no page of its own" in page
    assert 'href="/privacy/"' in page


def test_machines_get_their_405_without_a_page(client: Client) -> None:
    assert client.get("/events/").content == b""


def test_host_that_is_not_ours_gets_a_page_of_the_shops_own() -> None:
    answer = Client(headers={"Host": "not-ours.example"}).get("/")

    assert answer.status_code == 400
    assert "That could not be read" in answer.content.decode()


def test_staff_without_the_permission_get_a_page_of_the_shops_own() -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))

    answer = client.get("/admin/catalog/order/")

    assert answer.status_code == 403
    assert "Not for this account" in answer.content.decode()


@pytest.mark.parametrize(
    ("form", "arguments", "page"),
    [
        ("cancel-bid", [7], "/my/bids/"),
        ("cancel-ask", [7], "/my/asks/"),
        ("receive", [7], "/orders/7/"),
        ("ship", [7], "/sales/7/"),
        ("give-up", [7], "/sales/7/"),
        ("unwatch", ["some-shoe"], "/watchlist/"),
        ("revoke-token", [7], "/accounts/tokens/"),
        ("mail-choice", [], "/accounts/"),
    ],
)
def test_form_sent_after_the_session_ended_leads_to_its_page_by_way_of_signing_in(
    client: Client, form: str, arguments: list[int | str], page: str
) -> None:
    answer = client.post(reverse(form, args=arguments))

    assert answer["Location"] == f"{reverse(settings.LOGIN_URL)}?next={page}"


def test_form_of_a_member_still_does_its_work() -> None:
    order = make_order("shipped")
    client = Client()
    client.force_login(order.buyer)

    client.post(reverse("receive", args=[order.pk]))

    order.refresh_from_db()
    assert order.status == "completed"
