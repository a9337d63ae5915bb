"""PostgreSQL away for a moment: a homepage all the same, and a 503 that says when to come back."""

import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from recommendations import items, shared_lists
from recommendations.events import buffer
from recommendations.events.schema import PageServed
from recommendations.models import SharedList
from storefront import cards, shelves
from tests.factories.accounts import make_user
from tests.factories.catalog import make_brand, make_product_for_sale

pytestmark = pytest.mark.django_db


def refuse(*_: object) -> None:
    raise OperationalError("the server closed the connection")


@pytest.fixture
def slug() -> str:
    products = [make_product_for_sale(brand=make_brand(f"Brand {number % 14}")) for number in range(30)]
    for key in (shared_lists.MOST_POPULAR, shared_lists.TRENDING):
        item_ids = [product.sku for product in products]
        SharedList.objects.create(key=key, item_ids=item_ids, computed_at=settings.CLOCK.now())
    return products[0].slug


def go_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every statement fails as it does while the server restarts."""
    for forget in (cards.forget_cards, items.forget_availability, shelves.forget_newest, shared_lists.forget):
        forget()
    monkeypatch.setattr(connection, "cursor", refuse)


def test_homepage_stays_open_as_a_stranger_last_saw_it(
    client: Client, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/")

    go_away(monkeypatch)
    answer = client.get("/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("data-item-id") >= 24
    assert "?r=" not in page
    assert "no-store" in answer["Cache-Control"]


def test_kept_homepage_is_recorded_as_a_view_that_failed(
    client: Client, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[PageServed] = []
    monkeypatch.setattr(buffer, "record_page", recorded.append)
    client.get("/")

    go_away(monkeypatch)
    client.get("/")

    assert [page.status for page in recorded] == [200, 503]
    assert len({page.shopper_key for page in recorded}) == 1


def test_kept_homepage_is_never_a_signed_in_shoppers(
    client: Client, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_user())
    client.get("/")

    go_away(monkeypatch)

    assert client.get("/").status_code == 503


def test_other_pages_say_when_to_come_back(client: Client, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    go_away(monkeypatch)

    answer = client.get(f"/p/{slug}/")

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "Back in a moment" in answer.content.decode()
