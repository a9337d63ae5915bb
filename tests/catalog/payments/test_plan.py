from itertools import product

import pytest

from catalog.orders.states import OrderStatus
from catalog.payments.plan import NOTHING, Kind, Next, Request, Standing, plan

A, C, V, R = Kind.AUTHORISE, Kind.CAPTURE, Kind.VOID, Kind.REFUND
MATCHED, PAID, CANCELLED = OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.CANCELLED
DONE, DECLINED = Standing.DONE, Standing.DECLINED


@pytest.mark.parametrize(
    ("status", "answers", "expected"),
    [
        (MATCHED, {}, Next(ask=A)),
        (MATCHED, {A: DONE}, Next(ask=C)),
        (MATCHED, {A: DONE, C: DONE}, Next(move_to=PAID)),
        (MATCHED, {A: DECLINED}, Next(move_to=CANCELLED)),
        (MATCHED, {A: DONE, C: DECLINED}, Next(move_to=CANCELLED)),
        (PAID, {A: DONE, C: DONE}, NOTHING),
        (CANCELLED, {}, NOTHING),
        (CANCELLED, {A: DECLINED}, NOTHING),
        (CANCELLED, {A: DONE}, Next(ask=V)),
        (CANCELLED, {A: DONE, C: DECLINED}, Next(ask=V)),
        (CANCELLED, {A: DONE, V: DONE}, NOTHING),
        (CANCELLED, {A: DONE, V: DECLINED}, NOTHING),
        (CANCELLED, {A: DONE, C: DONE}, Next(ask=R)),
        (CANCELLED, {A: DONE, C: DONE, R: DONE}, NOTHING),
        (CANCELLED, {A: DONE, C: DONE, R: DECLINED}, NOTHING),
    ],
)
def test_plan_says_what_comes_next(status: OrderStatus, answers: dict[Kind, Standing], expected: Next) -> None:
    requests = [Request(kind, standing) for kind, standing in answers.items()]

    step = plan(status, requests)

    assert step == expected


@pytest.mark.parametrize(("status", "kind"), list(product(OrderStatus, Kind)))
def test_plan_waits_while_an_answer_is_awaited(status: OrderStatus, kind: Kind) -> None:
    requests = [Request(A, DONE), Request(kind, Standing.ASKED)]

    step = plan(status, requests)

    assert step == NOTHING


def test_plan_counts_the_last_of_a_kind() -> None:
    requests = [Request(A, DONE), Request(C, DONE), Request(R, DECLINED), Request(R, DONE)]

    step = plan(CANCELLED, requests)

    assert step == NOTHING


def test_plan_comes_to_an_end_whatever_is_answered() -> None:
    # Every answer to every request, and a cancellation at every point of the way: at the end nothing is held or owed.
    for cancelled_at, answers in product(range(6), product((DONE, DECLINED), repeat=4)):
        status, requests = MATCHED, list[Request]()
        for turn in range(8):
            if turn == cancelled_at and status in {MATCHED, PAID}:
                status = CANCELLED
            step = plan(status, requests)
            if step.ask is not None:
                requests.append(Request(step.ask, answers[len(requests)]))
            status = step.move_to or status
        standing = {request.kind: request.standing for request in requests}

        assert plan(status, requests) == NOTHING
        assert len(requests) <= 4
        if status == CANCELLED and standing.get(C) == DONE:
            assert R in standing
        if status == CANCELLED and standing.get(A) == DONE and standing.get(C) != DONE:
            assert V in standing
