"""The homepage: private, quick, and open with Valkey or a recommender down."""

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from recommendations import shared_lists
from recommendations.events import cookie
from recommendations.models import SharedList
from recommendations.ports import Shopper
from tests.factories.accounts import make_user
from tests.factories.catalog import make_brand, make_product_for_sale
from tests.factories.second_row import look_at, run_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stocked() -> None:
    skus = [make_product_for_sale(brand=make_brand(f"Brand {number % 14}")).sku for number in range(42)]
    for key, item_ids in ((shared_lists.MOST_POPULAR, skus[:20]), (shared_lists.TRENDING, skus[10:30])):
        SharedList.objects.create(key=key, item_ids=item_ids, computed_at=settings.CLOCK.now())


def test_home_shows_three_rows_of_twelve(client: Client) -> None:
    page = client.get("/").content.decode()

    assert page.count('class="row"') == 3
    assert page.count("data-item-id") == 36


def test_home_is_private_and_never_stored(client: Client) -> None:
    answer = client.get("/")

    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def test_warm_home_asks_the_database_next_to_nothing(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/")

    with django_assert_max_num_queries(1):
        client.get("/")


def test_cold_home_asks_a_bounded_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        client.get("/")


def test_signed_in_home_asks_for_session_and_user_besides(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_user())
    client.get("/")

    with django_assert_max_num_queries(4):
        client.get("/")


def test_home_takes_no_writes(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_running_experiment_costs_a_newcomer_one_look_for_a_history(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run_experiment({"rule": "trending"}, {"rotation": "home"})
    client.get("/")

    # The other one may be the snapshot's, which is read every two seconds.
    with django_assert_max_num_queries(2):
        client.get("/")


def test_running_experiment_costs_a_known_shopper_nothing(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run_experiment({"rule": "trending"}, {"rotation": "home"})
    client.get("/")
    visit = cookie.read(client.cookies[cookie.NAME].value)
    assert visit is not None
    look_at(Shopper(visit.shopper_key, visit.session_id), "SKU-1")
    client.get("/")

    with django_assert_max_num_queries(1):
        client.get("/")
