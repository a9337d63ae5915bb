import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from storefront.context import shop
from tests.factories.accounts import make_user
from tests.factories.catalog import make_category, make_product


@pytest.mark.django_db
def test_context_costs_a_stranger_nothing_once_warm(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_product(category=make_category("caps"))
    assert [aisle.slug for aisle in shop(rf.get("/"))["shop"].categories] == ["caps"]
    frame = shop(rf.get("/"))["shop"]

    with django_assert_num_queries(0):
        facts = (frame.categories, frame.account, frame.is_staff, frame.must_ask_consent, frame.currency)

    assert facts[1:] == (None, False, False, "USD")


@pytest.mark.django_db
def test_context_leaves_out_categories_with_nothing_listed(rf: RequestFactory) -> None:
    make_category("empty")
    make_product(category=make_category("delisted"), is_listed=False)

    frame = shop(rf.get("/"))["shop"]

    assert frame.categories == ()


@pytest.mark.django_db
def test_frame_of_a_signed_in_shopper_offers_purchases_and_signing_out(client: Client) -> None:
    client.force_login(make_user())

    page = client.get("/privacy/").content.decode()

    assert 'href="/orders/"' in page
    assert 'action="/accounts/sign-out/"' in page
    assert "/admin/" not in page


@pytest.mark.django_db
def test_frame_of_a_member_of_staff_offers_the_administration(client: Client) -> None:
    client.force_login(make_user(is_staff=True))

    page = client.get("/privacy/").content.decode()

    assert 'href="/admin/"' in page


def test_page_of_a_fault_needs_neither_request_nor_database() -> None:
    page = render_to_string("500.html")

    assert "Something broke on our side" in page
    assert re.search(r"\sstyle=|<script", page) is None
