"""Tokens for programs, from the account's own page: made with the password, told once, listed, ended."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from storefront.access import tokens
from storefront.access.models import ApiToken
from storefront.accounts.models import User
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db

FORM = {"name": "Repricer", "password": PASSWORD}


@pytest.fixture
def account() -> User:
    return make_user(username="ada")


@pytest.fixture
def owner(account: User) -> Client:
    client = Client()
    client.force_login(account)
    return client


def token_on(page: str) -> str:
    (token,) = re.findall(r'<code class="token-words">([^<]+)</code>', page)
    return str(token)


def test_token_is_told_once_and_opens_the_api(owner: Client, account: User) -> None:
    made = owner.post("/accounts/tokens/", FORM)

    token = token_on(made.content.decode())
    asked = Client().get("/api/bids/", headers={"Authorization": f"Bearer {token}"})
    later = owner.get("/accounts/tokens/").content.decode()
    assert (made.status_code, asked.status_code) == (200, 200)
    assert "no-store" in made["Cache-Control"]
    assert token not in later
    assert "<b>Repricer</b>" in later
    assert ApiToken.objects.get().account == account


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "no"}, "This is not your password"),
        ({"name": ""}, "required"),
        ({"name": "x" * 61}, "at most 60"),
    ],
)
def test_token_is_not_made_and_the_page_names_what_is_wrong(owner: Client, wrong: dict[str, str], words: str) -> None:
    answer = owner.post("/accounts/tokens/", FORM | wrong)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_account_with_as_many_as_it_may_hold_is_told_to_revoke_one(
    owner: Client, account: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_PER_ACCOUNT", 1)
    tokens.issue(account=account, name="first")

    answer = owner.post("/accounts/tokens/", FORM)

    assert answer.status_code == 400
    assert "revoke one first" in answer.content.decode()
    assert [row.name for row in ApiToken.objects.all()] == ["first"]


def test_revoked_token_opens_nothing_from_then_on(owner: Client, account: User) -> None:
    issued = tokens.issue(account=account, name="old")

    answer = owner.post(f"/accounts/tokens/{issued.row.pk}/revoke/", follow=True)

    assert "The token is revoked." in answer.content.decode()
    assert tokens.find(issued.token) is None


def test_page_lists_ones_own_tokens_alone_and_revokes_no_others(owner: Client) -> None:
    of_bob = tokens.issue(account=make_user(), name="Bobs program")

    page = owner.get("/accounts/tokens/").content.decode()
    answer = owner.post(f"/accounts/tokens/{of_bob.row.pk}/revoke/")

    assert "Bobs program" not in page
    assert answer.status_code == 404
    assert tokens.find(of_bob.token) is not None


def test_page_costs_the_same_however_many_tokens_there_are(
    owner: Client, account: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        tokens.issue(account=account, name=str(number))
    owner.get("/accounts/tokens/")

    with django_assert_num_queries(4):
        owner.get("/accounts/tokens/")
