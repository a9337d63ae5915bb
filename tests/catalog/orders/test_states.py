from itertools import product

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from catalog.exceptions import IllegalTransition
from catalog.models import Order, OrderStep
from catalog.orders.states import LEGAL, MAY_MOVE, OrderStatus, Role, may_move
from catalog.orders.steps import Mover, lock_order, move
from tests.factories.orders import make_order

PAIRS = list(product(OrderStatus, OrderStatus))
# The way to each status that a seller's order can take.
WAYS = {
    OrderStatus.MATCHED: (),
    OrderStatus.PAID: (OrderStatus.PAID,),
    OrderStatus.SHIPPED: (OrderStatus.PAID, OrderStatus.SHIPPED),
    OrderStatus.COMPLETED: (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED),
    OrderStatus.CANCELLED: (OrderStatus.CANCELLED,),
}


def bring(order: Order, status: OrderStatus) -> Order:
    """Bring a matched order to a status by legal steps."""
    for to in WAYS[status]:
        role = next(iter(MAY_MOVE[OrderStatus(order.status), to] - {Role.STAFF}))
        move(order, to, Mover(role))
    return order


def test_table_of_transitions_is_this_one() -> None:
    told = {f"{before} -> {after}": sorted(roles) for (before, after), roles in MAY_MOVE.items()}

    assert told == {
        "matched -> paid": ["provider"],
        "matched -> cancelled": ["provider", "schedule", "staff"],
        "paid -> shipped": ["schedule", "seller"],
        "paid -> cancelled": ["schedule", "seller", "staff"],
        "shipped -> completed": ["buyer", "schedule"],
        "shipped -> cancelled": ["staff"],
        "completed -> cancelled": ["staff"],
    }
    assert LEGAL[OrderStatus.CANCELLED] == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("role", Role)
def test_move_follows_the_table(before: OrderStatus, after: OrderStatus, role: Role) -> None:
    with transaction.atomic():
        order = bring(lock_order(make_order().pk), before)
        mover = Mover(role, account_id=order.buyer_id, reason="A reason.")
        n_steps = OrderStep.objects.filter(order=order).count()
        if may_move(role, before, after):
            move(order, after, mover)
        else:
            with pytest.raises(IllegalTransition):
                move(order, after, mover)

    order.refresh_from_db()
    is_moved = may_move(role, before, after)
    assert order.status == (after if is_moved else before)
    assert OrderStep.objects.filter(order=order).count() == n_steps + is_moved


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[0] != pair[1]])
def test_database_knows_the_same_transitions(before: OrderStatus, after: OrderStatus) -> None:
    order = bring(lock_order(make_order().pk), before)
    is_legal = after in LEGAL[before]

    if is_legal:
        Order.objects.filter(pk=order.pk).update(status=after)
        OrderStep.objects.create(order=order, from_status=before, to_status=after, at=order.placed_at, by=Role.SCHEDULE)
    else:
        with pytest.raises(IntegrityError, match="does not become"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(status=after)

    order.refresh_from_db()
    assert order.status == (after if is_legal else before)


@pytest.mark.django_db
def test_database_refuses_a_change_of_status_that_no_step_tells() -> None:
    order = make_order()

    Order.objects.filter(pk=order.pk).update(status=OrderStatus.PAID)

    # What waits for the transaction's end is looked at now.
    with pytest.raises(IntegrityError, match="without a step"), transaction.atomic():
        connection.check_constraints()
    OrderStep.objects.create(order=order, from_status="matched", to_status="paid", at=order.placed_at, by=Role.PROVIDER)
    connection.check_constraints()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "field", ["price_cents", "processing_cents", "shipping_cents", "total_cents", "fee_cents", "payout_cents"]
)
def test_database_keeps_amounts(field: str) -> None:
    order = make_order()

    with pytest.raises(IntegrityError, match="keeps its trade"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**{field: getattr(order, field) + 1})


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["buyer_id", "seller_id"])
def test_database_keeps_parties(field: str) -> None:
    order, other = make_order(), make_order()

    with pytest.raises(IntegrityError, match="keeps its trade"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**{field: getattr(other, field)})


@pytest.mark.django_db
def test_database_only_adds_steps_and_deletes_no_order() -> None:
    order = make_order()

    for change in (
        lambda: OrderStep.objects.filter(order=order).update(by=Role.STAFF),
        lambda: OrderStep.objects.filter(order=order).delete(),
        lambda: Order.objects.raw("DELETE FROM catalog_order WHERE id = %s RETURNING id", [order.pk])[0],
    ):
        with pytest.raises(IntegrityError, match=r"append-only|never deleted"), transaction.atomic():
            change()

    assert OrderStep.objects.filter(order=order).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "reason"), [(None, "A reason."), ("buyer", "")])
def test_database_wants_staff_to_say_who_and_why(account: str | None, reason: str) -> None:
    order = make_order()
    who = order.buyer if account else None

    with pytest.raises(IntegrityError, match="step_by_staff_explained"), transaction.atomic():
        OrderStep.objects.create(
            order=order,
            from_status="",
            to_status="matched",
            at=order.placed_at,
            by=Role.STAFF,
            account=who,
            reason=reason,
        )
