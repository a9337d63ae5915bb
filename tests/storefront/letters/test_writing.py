"""Who is owed a letter: both sides of an order, about what the other side or the clock did, once."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from catalog import conf
from catalog.models import OrderStep
from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from storefront.letters import writing
from storefront.letters.models import Bookmark, Letter
from storefront.letters.writing import write_letters
from tests.factories.accounts import make_user
from tests.factories.drops import set_clock
from tests.factories.letters import make_reader
from tests.factories.orders import make_house_order, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun() -> None:
    write_letters()


def owed() -> list[tuple[str, str]]:
    rows = Letter.objects.order_by("step_id", "account__username")
    return list(rows.values_list("step__to_status", "account__username"))


def test_nobody_is_told_of_what_happened_before_letters_began() -> None:
    make_order(OrderStatus.PAID, buyer=make_reader("ann"), seller=make_reader("bob"))

    n_first, n_second = write_letters(), write_letters()

    assert (n_first, n_second, owed()) == (0, 0, [])


@pytest.mark.usefixtures("begun")
def test_each_step_is_told_to_those_who_did_not_make_it() -> None:
    make_order(OrderStatus.COMPLETED, buyer=make_reader("ann"), seller=make_reader("bob"))

    n_owed = write_letters()

    assert n_owed == 5
    assert owed() == [
        ("matched", "ann"),
        ("matched", "bob"),
        ("paid", "bob"),
        ("shipped", "ann"),
        ("completed", "bob"),
    ]


@pytest.mark.usefixtures("begun")
def test_sellers_cancellation_is_told_to_the_buyer_alone_and_staffs_to_both() -> None:
    make_order(OrderStatus.CANCELLED, buyer=make_reader("ann"), seller=make_reader("bob"))
    refunded = make_order(OrderStatus.PAID, buyer=make_reader("cid"), seller=make_reader("dan"))
    life.refund(order_id=refunded.pk, staff=make_user(), reason="The box was empty.")

    write_letters()

    assert [who for status, who in owed() if status == "cancelled"] == ["ann", "cid", "dan"]


@pytest.mark.usefixtures("begun")
def test_step_is_told_once_however_often_steps_are_gone_through() -> None:
    make_order(OrderStatus.SHIPPED, buyer=make_reader("ann"))

    counts = [write_letters() for _ in range(3)]

    assert counts == [2, 0, 0]


@pytest.mark.usefixtures("begun")
def test_nothing_is_owed_to_who_wants_none_has_no_address_or_is_the_house() -> None:
    quiet = make_reader("ann")
    quiet.order_mail = False
    quiet.save()
    make_order(OrderStatus.PAID, buyer=quiet, seller=make_user())
    make_house_order(OrderStatus.PAID, buyer=make_user())

    n_owed = write_letters()

    assert n_owed == 0


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("n_seen_before", [5, 10_000])
def test_step_that_is_committed_after_later_ones_were_seen_is_told_still(n_seen_before: int) -> None:
    make_order(buyer=make_reader("ann"))
    Bookmark.objects.update(step_id=OrderStep.objects.latest("pk").pk + n_seen_before)

    n_owed = write_letters()

    assert (n_owed, owed()) == (1, [("matched", "ann")])


@pytest.mark.usefixtures("begun")
def test_address_that_is_given_later_brings_no_old_news(settings: Settings, tmp_path: Path) -> None:
    ann = make_user("ann")
    make_order(buyer=ann)
    write_letters()
    ann.email = "ann@example.com"
    ann.save()
    set_clock(settings, tmp_path, conf.now() + writing.LATE_BY + timedelta(seconds=1))

    n_owed = write_letters()

    assert n_owed == 0


@pytest.mark.usefixtures("begun")
def test_what_happened_in_a_long_outage_is_news_to_nobody(settings: Settings, tmp_path: Path) -> None:
    make_order(buyer=make_reader("ann"))
    set_clock(settings, tmp_path, conf.now() + writing.NEWS_FOR + timedelta(seconds=1))

    n_late = write_letters()
    make_order(buyer=make_reader("bea"))

    assert n_late == 0
    assert (write_letters(), owed()) == (1, [("matched", "bea")])


@pytest.mark.usefixtures("begun")
def test_steps_beyond_the_limit_wait_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LATECOMERS", 0)
    for name in ("ann", "bea", "cid"):
        make_order(buyer=make_reader(name))

    counts = [write_letters(limit=2) for _ in range(3)]

    assert counts == [2, 1, 0]
