"""A token is worth something to one shopper, for one purpose, for 48 hours."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from recommendations import conf
from recommendations.events import ids, tokens


def test_token_is_32_characters_and_names_its_list() -> None:
    list_id = ids.uuid7(conf.now())

    token = tokens.issue(list_id, "wanda")

    assert len(token) == 32
    assert tokens.read(token, "wanda") == list_id


@pytest.mark.parametrize("kind", ["row_click", "search_click"])
def test_click_token_is_32_characters_and_names_its_list(kind: str) -> None:
    list_id = ids.uuid7(conf.now())

    token = tokens.issue_click(kind, list_id, "wanda", "TEST-0001")

    assert len(token) == 32
    assert tokens.read_click(kind, token, "wanda", "TEST-0001") == list_id


def test_token_of_one_purpose_is_worth_nothing_for_another() -> None:
    list_id = ids.uuid7(conf.now())
    row = tokens.issue_click("row_click", list_id, "wanda", "TEST-0001")
    search = tokens.issue_click("search_click", list_id, "wanda", "TEST-0001")
    listed = tokens.issue(list_id, "wanda")

    assert tokens.read_click("search_click", row, "wanda", "TEST-0001") is None
    assert tokens.read_click("row_click", search, "wanda", "TEST-0001") is None
    assert tokens.read_click("row_click", listed, "wanda", "TEST-0001") is None
    assert tokens.read(row, "wanda") is None
    assert tokens.read(search, "wanda") is None


@pytest.mark.parametrize(("key", "item_id"), [("wanda", "TEST-0002"), ("otto", "TEST-0001"), ("wandaT", "EST-0001")])
def test_click_token_is_worth_nothing_for_another_item_or_shopper(key: str, item_id: str) -> None:
    token = tokens.issue_click("row_click", ids.uuid7(conf.now()), "wanda", "TEST-0001")

    assert tokens.read_click("row_click", token, key, item_id) is None


def test_token_of_another_shopper_reads_as_none() -> None:
    token = tokens.issue(ids.uuid7(conf.now()), "wanda")

    assert tokens.read(token, "otto") is None


@pytest.mark.parametrize("position", [0, 10, 21, 31])
def test_token_changed_anywhere_reads_as_none(position: int) -> None:
    token = tokens.issue(ids.uuid7(conf.now()), "wanda")
    other = "A" if token[position] != "A" else "B"

    forged = token[:position] + other + token[position + 1 :]

    assert tokens.read(forged, "wanda") is None


@pytest.mark.parametrize("token", ["", "short", "x" * 32, "=" * 32, "é" * 32, "a" * 31 + "!", "\0" * 32, "a" * 5000])
def test_token_that_is_none_reads_as_none(token: str) -> None:
    assert tokens.read(token, "wanda") is None


def test_token_ends_after_48_hours() -> None:
    young = tokens.issue(ids.uuid7(conf.now() - timedelta(hours=47)), "wanda")
    old = tokens.issue(ids.uuid7(conf.now() - timedelta(hours=49)), "wanda")

    assert tokens.read(young, "wanda") is not None
    assert tokens.read(old, "wanda") is None


def test_token_outlives_a_change_of_the_secret_key() -> None:
    list_id = ids.uuid7(conf.now())
    token = tokens.issue(list_id, "wanda")
    fresh_key = "another-secret-key-for-this-test-only"

    with override_settings(SECRET_KEY=fresh_key, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert tokens.read(token, "wanda") == list_id
    with override_settings(SECRET_KEY=fresh_key, SECRET_KEY_FALLBACKS=[]):
        assert tokens.read(token, "wanda") is None
