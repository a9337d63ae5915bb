"""The beacon takes impressions from our own pages, and answers 204 to everything."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings

from recommendations import conf
from recommendations.events import beacon, cookie, ids, tokens
from recommendations.events.cookie import Consent, Visit
from recommendations.events.refusals import refusals
from recommendations.events.schema import Impression
from recommendations.events.throttle import Throttle
from tests.recommendations.events.conftest import Recorded

KEY = "a" * 32
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


MIDDLEWARE = [
    "recommendations.events.middleware.ShopperMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fresh throttle for each test, and only the middleware that a beacon meets."""
    monkeypatch.setattr(beacon, "throttle", Throttle(burst=5, per_s=0.001))
    with override_settings(MIDDLEWARE=MIDDLEWARE):
        yield


def send(body: Any, *, headers: dict[str, str] | None = None, key: str = KEY) -> int:
    client = Client(enforce_csrf_checks=True)
    visit = Visit(key, "b" * 16, int(conf.now().timestamp()), Consent.UNASKED)
    client.cookies[cookie.NAME] = cookie.spell(visit)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post("/events/", content, content_type="text/plain", headers=headers or SAME_ORIGIN)
    return response.status_code


def seen(*ranks: Any, list_id: UUID | None = None, view: UUID | None = None, key: str = KEY) -> dict[str, Any]:
    token = tokens.issue(list_id or ids.uuid7(conf.now()), key)
    return {"page_view_id": str(view or ids.uuid7(conf.now())), "lists": [{"token": token, "ranks": list(ranks)}]}


def refused(reason: str) -> int:
    return refusals.counts().get(f"beacon.{reason}", 0)


def test_beacon_records_what_was_seen(recorded: Recorded) -> None:
    list_id, view = ids.uuid7(conf.now()), ids.uuid7(conf.now())

    status = send(seen(1, 2, 2, 7, list_id=list_id, view=view))

    impressions = [record for record in recorded() if isinstance(record, Impression)]
    assert status == 204
    assert [one.rank for one in impressions] == [1, 2, 7]
    assert {(one.recommendation_id, one.page_view_id, one.shopper_key) for one in impressions} == {(list_id, view, KEY)}


def test_beacon_sent_again_repeats_its_ids(recorded: Recorded) -> None:
    body = seen(1, 2)

    send(body)
    send(body)

    impressions = [record for record in recorded() if isinstance(record, Impression)]
    assert len(impressions) == 4
    assert len({one.impression_id for one in impressions}) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[]", "malformed"),
        (b"5", "malformed"),
        (b"[" * 16_000, "malformed"),
        ({"page_view_id": "x", "lists": []}, "malformed"),
        ({"page_view_id": str(UUID(int=1)), "lists": 5}, "too_many_lists"),
        ({"page_view_id": str(UUID(int=1)), "lists": [5]}, "malformed"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": 5, "ranks": []}]}, "malformed"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": "x", "ranks": [1]}] * 26}, "too_many_lists"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": "x", "ranks": [0]}]}, "rank_out_of_range"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": "x", "ranks": [True]}]}, "rank_out_of_range"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": "x", "ranks": [10**9]}]}, "rank_out_of_range"),
        ({"page_view_id": str(UUID(int=1)), "lists": [{"token": "x" * 32, "ranks": [1]}]}, "token_not_valid"),
        (b" " * (16 * 1024 + 1), "too_large"),
    ],
)
def test_beacon_that_is_wrong_is_counted_and_answered(recorded: Recorded, body: Any, reason: str) -> None:
    before = refused(reason)

    status = send(body)

    assert status == 204
    assert refused(reason) == before + 1
    assert recorded() == []


def test_beacon_of_another_shopper_is_refused(recorded: Recorded) -> None:
    before = refused("token_not_valid")

    send(seen(1, key="c" * 32))

    assert recorded() == []
    assert refused("token_not_valid") == before + 1


@pytest.mark.parametrize("kind", ["row_click", "search_click"])
def test_beacon_takes_no_click_tokens(recorded: Recorded, kind: str) -> None:
    token = tokens.issue_click(kind, ids.uuid7(conf.now()), KEY, "TEST-0001")
    body = {"page_view_id": str(ids.uuid7(conf.now())), "lists": [{"token": token, "ranks": [1]}]}
    before = refused("token_not_valid")

    send(body)

    assert recorded() == []
    assert refused("token_not_valid") == before + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"X-Nothing": "1"},
    ],
)
def test_beacon_from_elsewhere_is_refused(recorded: Recorded, headers: dict[str, str]) -> None:
    before = refused("foreign_origin")

    assert send(seen(1), headers=headers) == 204
    assert recorded() == []
    assert refused("foreign_origin") == before + 1


def test_beacon_of_an_older_browser_shows_its_origin(recorded: Recorded) -> None:
    send(seen(1), headers={"Origin": "http://testserver"})

    assert len(recorded()) == 1


def test_beacon_without_consent_is_refused(recorded: Recorded) -> None:
    before = refused("no_consent")

    send(seen(1), headers={**SAME_ORIGIN, "Sec-GPC": "1"})

    assert recorded() == []
    assert refused("no_consent") == before + 1


def test_beacons_of_one_shopper_are_throttled(recorded: Recorded) -> None:
    before = refused("throttled")

    statuses = [send(seen(1)) for _ in range(8)]

    assert statuses == [204] * 8
    assert len(recorded()) == 5
    assert refused("throttled") == before + 3


def test_beacon_takes_post_alone() -> None:
    assert Client().get("/events/").status_code == 405


def test_throttle_fills_up_again_and_stays_bounded() -> None:
    clock = iter([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    throttle = Throttle(burst=2, per_s=1, max_keys=2, clock=lambda: next(clock))

    first = [throttle.admits("wanda") for _ in range(3)]
    later = [throttle.admits("wanda") for _ in range(2)]
    throttle.admits("otto")
    throttle.admits("vera")

    assert first == [True, True, False]
    assert later == [True, False]
    assert len(throttle._buckets) == 2
