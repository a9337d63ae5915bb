from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(settings: Settings, tmp_path: Path) -> Client:
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", ["product", "brand", "category", "ask", "trade"])
def test_admin_lists_and_searches_every_model(staff: Client, model: str) -> None:
    make_ask(make_variant(make_product(name="Harbour Low")))

    statuses = [staff.get(f"/admin/catalog/{model}/{query}").status_code for query in ("", "?q=harbour")]

    assert statuses == [200, 200]


@pytest.mark.parametrize("action", ["delete/", "change/"])
def test_admin_only_shows_asks(staff: Client, action: str) -> None:
    ask = make_ask()

    answer = staff.post(f"/admin/catalog/ask/{ask.pk}/{action}", {"price_cents": 1, "post": "yes"})

    ask.refresh_from_db()
    assert answer.status_code == 403
    assert ask.price_cents == 12_000


def test_admin_edits_products_with_their_sizes(staff: Client) -> None:
    product = make_variant().product

    page = staff.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()

    assert 'name="variants-0-size"' in page
