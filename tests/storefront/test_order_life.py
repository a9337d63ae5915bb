from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Order, OrderStep
from catalog.orders.states import LEGAL, OrderStatus, Role
from storefront.order_life import FOR_BUYER, FOR_SELLER, NOT_CHARGED, NOT_PAID, TITLES, life_of, was_paid, words_for

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def order(status: OrderStatus, seller_id: int | None = 2) -> Order:
    return Order(status=status, buyer_id=1, seller_id=seller_id, placed_at=BEGAN)


def steps(*path: OrderStatus, reason: str = "") -> list[OrderStep]:
    return [
        OrderStep(to_status=status, at=BEGAN + timedelta(hours=hour), reason=reason) for hour, status in enumerate(path)
    ]


@pytest.mark.parametrize(("is_buyer", "first"), [(True, "Ordered"), (False, "Sold")])
def test_life_shows_what_was_and_what_is_to_come_in_the_readers_words(is_buyer: bool, first: str) -> None:
    told = life_of(order(OrderStatus.PAID), steps(OrderStatus.MATCHED, OrderStatus.PAID), is_buyer=is_buyer)

    assert [(step.title, step.at is not None, step.is_now) for step in told] == [
        (first, True, False),
        ("Paid", True, True),
        ("Shipped", False, False),
        ("Completed", False, False),
    ]


@pytest.mark.parametrize("before", [OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.SHIPPED])
def test_life_of_a_cancelled_order_ends_there_with_its_reason(before: OrderStatus) -> None:
    way = [OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.SHIPPED]
    path = [*way[: way.index(before) + 1], OrderStatus.CANCELLED]

    told = life_of(order(OrderStatus.CANCELLED), steps(*path, reason="Why."), is_buyer=True)

    assert [step.status for step in told] == path
    assert (told[-1].note, told[-1].is_now) == ("Why.", True)


@pytest.mark.parametrize(
    ("by", "is_buyer", "note"),
    [
        (Role.PROVIDER, True, "The card has expired."),
        (Role.PROVIDER, False, NOT_PAID),
        (Role.STAFF, False, "The card has expired."),
        (Role.SELLER, True, "The seller says: The card has expired."),
        (Role.SELLER, False, "The card has expired."),
    ],
)
def test_life_tells_who_says_so_and_keeps_what_a_provider_says_from_the_seller(
    by: Role, is_buyer: bool, note: str
) -> None:
    ended = OrderStep(to_status=OrderStatus.CANCELLED, at=BEGAN, by=by, reason="The card has expired.")

    told = life_of(order(OrderStatus.CANCELLED), [ended], is_buyer=is_buyer)

    assert told[-1].note == note


def test_life_without_a_step_begins_with_the_order() -> None:
    told = life_of(order(OrderStatus.MATCHED), [], is_buyer=True)

    assert told[0].at == BEGAN


def test_every_status_has_a_title_and_words_for_both_sides() -> None:
    assert set(TITLES) == set(FOR_BUYER) == set(FOR_SELLER) == set(LEGAL)


def test_words_tell_the_buyer_who_ships() -> None:
    assert "The house ships" in words_for(order(OrderStatus.PAID, seller_id=None), is_buyer=True, paid=True)
    assert "The seller has five days" in words_for(order(OrderStatus.PAID), is_buyer=True, paid=True)
    assert "Ship it" in words_for(order(OrderStatus.PAID), is_buyer=False, paid=True)


def test_words_promise_money_back_only_where_some_was_taken() -> None:
    unpaid = steps(OrderStatus.MATCHED, OrderStatus.CANCELLED)
    refunded = steps(OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.CANCELLED)

    told = [words_for(order(OrderStatus.CANCELLED), is_buyer=True, paid=was_paid(path)) for path in (unpaid, refunded)]

    assert told == [NOT_CHARGED, FOR_BUYER[OrderStatus.CANCELLED]]
