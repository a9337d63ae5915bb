"""Tokens of the API: told once, kept as a digest, ended at once."""

from datetime import timedelta

import pytest
from django.conf import settings

from storefront.access import tokens
from storefront.access.models import ApiToken
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def test_token_finds_its_account_and_no_row_holds_it() -> None:
    ann = make_user()

    issued = tokens.issue(account=ann, name="bot")

    found = tokens.find(issued.token)
    assert found is not None
    assert (found.account, found.name, found.expires_at - found.made_at) == (ann, "bot", tokens.LIFE)
    row = ApiToken.objects.values().get()
    assert issued.token.encode() not in b"".join(bytes(str(value), "utf-8") for value in row.values())


@pytest.mark.parametrize("other", ["", "shop_", "shop_" + "A" * 43, "\x00", "\ud800", "x" * 10_000])
def test_other_tokens_find_nobody(other: str) -> None:
    tokens.issue(account=make_user(), name="bot")

    assert tokens.find(other) is None


def test_expired_token_finds_nobody() -> None:
    issued = tokens.issue(account=make_user(), name="bot")

    ApiToken.objects.update(expires_at=settings.CLOCK.now() - timedelta(seconds=1))

    assert tokens.find(issued.token) is None


def test_token_of_a_closed_account_finds_nobody() -> None:
    ann = make_user()
    issued = tokens.issue(account=ann, name="bot")

    ann.is_active = False
    ann.save()

    assert tokens.find(issued.token) is None


def test_only_the_owner_revokes() -> None:
    ann, bob = make_user(), make_user()
    issued = tokens.issue(account=ann, name="bot")

    by_bob = tokens.revoke(account=bob, token_id=issued.row.pk)
    still = tokens.find(issued.token)
    by_ann = tokens.revoke(account=ann, token_id=issued.row.pk)

    assert (by_bob, by_ann) == (False, True)
    assert still is not None
    assert tokens.find(issued.token) is None


def test_all_of_an_accounts_tokens_end_at_once() -> None:
    ann, bob = make_user(), make_user()
    mine = [tokens.issue(account=ann, name=str(n)) for n in range(2)]
    his = tokens.issue(account=bob, name="his")

    n_ended = tokens.revoke_all(account=ann)

    assert n_ended == 2
    assert [tokens.find(one.token) for one in mine] == [None, None]
    assert tokens.find(his.token) is not None


def test_account_holds_a_bounded_number_and_expired_ones_make_room() -> None:
    ann = make_user()
    for n in range(tokens.MAX_PER_ACCOUNT):
        tokens.issue(account=ann, name=str(n))

    with pytest.raises(tokens.TooManyTokens):
        tokens.issue(account=ann, name="one more")
    ApiToken.objects.filter(name="0").update(expires_at=settings.CLOCK.now())
    tokens.issue(account=ann, name="one more")

    assert ApiToken.objects.count() == tokens.MAX_PER_ACCOUNT
    tokens.issue(account=make_user(), name="somebody else's")


def test_use_is_noted_to_the_hour() -> None:
    issued = tokens.issue(account=make_user(), name="bot")

    tokens.find(issued.token)
    first = ApiToken.objects.get().used_at
    tokens.find(issued.token)
    second = ApiToken.objects.get().used_at
    ApiToken.objects.update(used_at=settings.CLOCK.now() - timedelta(hours=2))
    tokens.find(issued.token)

    assert first is not None
    assert first == second
    assert ApiToken.objects.get().used_at != ApiToken.objects.get().made_at - timedelta(hours=2)
    assert ApiToken.objects.get().used_at >= first  # type: ignore[operator]
