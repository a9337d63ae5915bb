import pytest
from django.test import Client, RequestFactory

from storefront.leading_back import read_next
from tests.factories.catalog import make_product_for_sale


@pytest.mark.parametrize("back", ["/", "/watchlist/?page=2", "/p/harbour-low/#sizes", "/search/?q=caf%C3%A9"])
def test_next_is_a_page_of_the_shop(back: str) -> None:
    request = RequestFactory().post("/", {"next": back})

    found = read_next(request, "/otherwise/")

    assert found == back


@pytest.mark.parametrize(
    "back",
    ["", "watchlist", "a@b", "🙂", "a\0b", "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"],
)
def test_next_is_nothing_else(back: str) -> None:
    request = RequestFactory().post("/", {"next": back})

    found = read_next(request, "/otherwise/")

    assert found == "/otherwise/"


@pytest.mark.django_db
@pytest.mark.parametrize("back", ["a@b", "a\0b", "/\r\nSet-Cookie: a=b"])
@pytest.mark.parametrize("address", ["watch", "unwatch", "hide", "show-again", "privacy"])
def test_form_with_a_strange_next_leads_to_a_page(client: Client, address: str, back: str) -> None:
    path = "/privacy/choice/" if address == "privacy" else f"/p/{make_product_for_sale().slug}/{address}/"

    answer = client.post(path, {"next": back, "choice": "yes"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert "\n" not in answer.headers["Location"]
