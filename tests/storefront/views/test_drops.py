import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import conf
from catalog.services import buy_now
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product, make_product_for_sale
from tests.factories.drops import make_announced, set_clock

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def names_in(page: str) -> list[str]:
    return re.findall(r'class="card-name">([^<]+)<', page)


def test_drops_are_listed_by_their_opening_with_price_pieces_and_countdown(client: Client) -> None:
    later = make_announced(
        name="Estuary Cap", opens_in=timedelta(days=9, hours=3, minutes=5), n_pieces=5, price_cents=9_900
    )
    make_announced(name="Harbour Low", opens_in=timedelta(minutes=90, seconds=20), limit_per_account=2)

    page = client.get("/drops/").content.decode()

    assert names_in(page) == ["Harbour Low", "Estuary Cap"]
    assert "data-countdown-words>9 days 3 hours</b>" in page
    assert "data-countdown-words>1 hour 30 minutes</b>" in page
    assert f"{later.opens_at:%a} {later.opens_at.day} {later.opens_at:%b, %H:%M} UTC</time>" in page
    assert "3 pieces, 2 per account" in page
    assert "5 pieces, 1 per account" in page
    assert "$99" in page
    assert INLINE.search(page) is None


def test_drops_are_grouped_by_week(client: Client, settings: Settings, tmp_path: Path) -> None:
    set_clock(settings, tmp_path, datetime(2026, 12, 3, 12, tzinfo=UTC))
    for days in (1, 3, 5, 28, 30):
        make_announced(opens_in=timedelta(days=days))

    page = client.get("/drops/").content.decode()

    weeks = re.findall(r'<h2 id="week-(\d+)">([^<]+)</h2>\s*<ul class="drop-list">(.*?)</ul>', page, re.DOTALL)
    assert [(monday, words, cards.count("<article")) for monday, words, cards in weeks] == [
        ("20261130", "This week", 2),
        ("20261207", "Next week", 1),
        ("20261228", "28 December to 3 January", 2),
    ]


def test_drops_far_off_wait_behind_a_fold_that_says_how_many(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    set_clock(settings, tmp_path, datetime(2026, 12, 3, 12, tzinfo=UTC))
    for days in (1, 5, 12, 19, 26, 27):
        make_announced(opens_in=timedelta(days=days))

    page = client.get("/drops/").content.decode()

    at_once, _, folded = page.partition('<details class="drop-later">')
    assert at_once.count("<article") == 3
    assert folded.count("<article") == 3
    assert "3 more drops, until 30 December" in folded
    assert folded.count('id="week-') == 2


def test_drops_show_what_is_announced_without_a_time_as_opening_with_its_day(client: Client) -> None:
    make_product(name="Plain", released_on=conf.now().date() + timedelta(days=4), retail_price_cents=7_700)

    page = client.get("/drops/").content.decode()

    assert names_in(page) == ["Plain"]
    assert "00:00 UTC" in page
    assert "$77" in page


def test_drops_that_opened_lately_tell_what_is_left(client: Client, settings: Settings, tmp_path: Path) -> None:
    left = make_announced(name="Left", n_pieces=3)
    gone = make_announced(name="Gone", n_pieces=1)
    set_clock(settings, tmp_path, max(left.opens_at, gone.opens_at) + timedelta(seconds=1))
    buy_now(
        variant_id=gone.sizes.get().variant_id,
        buyer=make_user(),
        seen_price_cents=18_000,
        idempotency_key=uuid4(),
    )

    page = client.get("/drops/").content.decode()

    assert set(names_in(page)) == {"Left", "Gone"}
    assert "3 of 3 left" in page
    assert "Sold out" in page
    assert "Nothing is announced" in page


def test_drops_leave_out_what_is_no_drop_or_opened_long_ago(client: Client, settings: Settings, tmp_path: Path) -> None:
    make_product_for_sale(name="Ordinary")
    drop = make_announced(name="Old")
    set_clock(settings, tmp_path, drop.opens_at + timedelta(days=15))

    page = client.get("/drops/").content.decode()

    assert names_in(page) == []


def test_drops_cost_three_queries_however_many_there_are(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_product_for_sale()
    for number in range(4):
        make_announced(opens_in=timedelta(days=number, hours=1))
    client.get("/drops/")

    with django_assert_num_queries(3):
        client.get("/drops/")
