from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError

from catalog import conf
from catalog.exceptions import PaymentMisused, PaymentUnanswered, UnknownOrder
from catalog.models import Ask, Order, OrderStep, Payment, SandboxCharge
from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from catalog.payments import paying, registry, requests
from catalog.payments.methods import choose_method
from catalog.payments.paying import pay, pay_due
from catalog.payments.port import Answer
from catalog.payments.requests import FIRST_WAIT, LONGEST_WAIT, MOST_TRIES, claim, record
from catalog.payments.requests import start as start_payment
from catalog.payments.sandbox import Sandbox
from catalog.tasks import pay_due as pay_due_task
from tests.factories.accounts import make_user
from tests.factories.orders import make_house_order, make_order

LATER = FIRST_WAIT + timedelta(seconds=1)
DONE, DECLINED, ASKED = "done", "declined", "asked"


def told(order: Order) -> list[tuple[str, str]]:
    """Each request of an order's, and how it stands."""
    return list(Payment.objects.filter(order=order).order_by("pk").values_list("kind", "status"))


def steps(order: Order) -> list[tuple[str, str, str]]:
    return list(OrderStep.objects.filter(order=order).values_list("from_status", "to_status", "by"))


@pytest.mark.django_db
def test_pay_authorises_and_captures_the_total() -> None:
    order = make_order(price_cents=20_000)

    status = pay(order.pk)

    charge = SandboxCharge.objects.get()
    assert status == OrderStatus.PAID
    assert charge.authorised_cents == charge.captured_cents == order.total_cents == 21_595
    assert told(order) == [("authorise", DONE), ("capture", DONE)]
    assert steps(order) == [("", "matched", "buyer"), ("matched", "paid", "provider")]


@pytest.mark.django_db
def test_pay_again_asks_for_nothing_more() -> None:
    order = make_order()

    statuses = [pay(order.pk) for _ in range(3)]

    assert statuses == [OrderStatus.PAID] * 3
    assert told(order) == [("authorise", DONE), ("capture", DONE)]
    assert SandboxCharge.objects.count() == 1


@pytest.mark.django_db
def test_pay_that_is_declined_cancels_the_order() -> None:
    order = make_order(token="test-declined")

    status = pay(order.pk)

    assert status == OrderStatus.CANCELLED
    assert told(order) == [("authorise", DECLINED)]
    assert steps(order)[-1] == ("matched", "cancelled", "provider")
    assert "declined" in OrderStep.objects.latest("pk").reason


@pytest.mark.django_db
def test_pay_lets_go_what_could_be_held_and_not_taken() -> None:
    order = make_order(token="test-capture-declined")

    status = pay(order.pk)

    assert status == OrderStatus.CANCELLED
    assert told(order) == [("authorise", DONE), ("capture", DECLINED), ("void", DONE)]
    assert SandboxCharge.objects.get().is_voided


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["test-answer-lost", "test-outage"])
def test_pay_without_an_answer_is_asked_again_under_its_key(token: str) -> None:
    order, start = make_order(token=token), conf.now()
    keys: list[UUID] = []

    statuses = []
    for turn in range(3):
        with settings.CLOCK.at(start + turn * LATER):
            pay_due()
        order.refresh_from_db()
        statuses.append(order.status)
        keys += Payment.objects.filter(order=order).values_list("idempotency_key", flat=True)

    assert statuses == ["matched", "matched", "paid"]
    assert told(order) == [("authorise", DONE), ("capture", DONE)]
    assert list(Payment.objects.values_list("n_tries", flat=True)) == [2, 2]
    assert len(set(keys)) == 2
    charge = SandboxCharge.objects.get()
    assert charge.captured_cents == order.total_cents


@pytest.mark.django_db
def test_pay_waits_longer_after_each_attempt_and_never_for_ever() -> None:
    order, now = make_order(token="test-silent"), conf.now()
    waits = []

    for _ in range(14):
        with settings.CLOCK.at(now):
            pay_due()
        due = Payment.objects.get().ask_at
        waits.append(due - now)
        now = due

    # Order: the deadline for paying is another matter; the provider is asked until it answers.
    assert waits[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert waits[-1] == waits[-2] == LONGEST_WAIT
    assert told(order) == [("authorise", ASKED)]


@pytest.mark.django_db
def test_pay_asks_on_when_it_has_counted_as_far_as_it_can() -> None:
    order = make_order(token="test-outage")
    pay(order.pk)
    Payment.objects.update(n_tries=MOST_TRIES, ask_at=conf.now())

    pay(order.pk)

    first = order.payments.order_by("pk")[0]
    assert (first.status, first.n_tries) == ("done", MOST_TRIES)


@pytest.mark.django_db
def test_pay_is_not_asked_before_it_is_due() -> None:
    order = make_order(token="test-silent")
    pay(order.pk)

    n_asked = pay_due()
    pay(order.pk)

    assert n_asked == 0
    assert Payment.objects.get().n_tries == 1


@pytest.mark.django_db
def test_tick_pays_orders_that_no_page_paid() -> None:
    orders = [make_order(), make_house_order(), make_order(token="test-declined")]

    pay_due_task()

    assert [Order.objects.get(pk=order.pk).status for order in orders] == ["paid", "paid", "cancelled"]


@pytest.mark.django_db
def test_tick_is_bounded_and_goes_on_with_the_next() -> None:
    for _ in range(5):
        make_order()

    asked = [pay_due(limit=2), pay_due(limit=2), pay_due(limit=2), pay_due(limit=2)]

    assert asked == [2, 2, 1, 0]
    assert set(Order.objects.values_list("status", flat=True)) == {"paid"}


@pytest.mark.django_db
def test_tick_has_time_for_so_much() -> None:
    make_order()

    n_asked = pay_due(budget_s=-1.0)

    assert n_asked == 0


@pytest.mark.django_db
def test_tick_goes_on_behind_an_order_that_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_order(), make_order()

    class Breaking(Sandbox):
        def authorise(self, *, key: UUID, token: str, amount_cents: int) -> Answer:
            if Payment.objects.get(idempotency_key=key).order_id == broken.pk:
                raise ZeroDivisionError
            return super().authorise(key=key, token=token, amount_cents=amount_cents)

    monkeypatch.setattr(registry, "PROVIDERS", {"sandbox": Breaking()})

    n_asked = pay_due()

    assert n_asked == 2
    assert told(broken) == [("authorise", ASKED)]
    assert told(fine) == [("authorise", DONE), ("capture", DONE)]


@pytest.mark.django_db
def test_silent_orders_keep_no_fresh_one_waiting() -> None:
    start = conf.now()
    for _ in range(4):
        pay(make_order(token="test-silent").pk)
    fresh = make_order()

    with settings.CLOCK.at(start + timedelta(hours=1)):
        pay_due(limit=2)

    assert Order.objects.get(pk=fresh.pk).status == "paid"


@pytest.mark.django_db
def test_cancelled_order_gives_back_what_turns_out_to_be_held() -> None:
    order, start = make_order(token="test-answer-lost"), conf.now()
    pay(order.pk)
    life.refund(order_id=order.pk, staff=make_user(), reason="Sold by mistake.")

    for turn in range(1, 5):
        with settings.CLOCK.at(start + turn * LATER):
            pay_due()

    assert told(order) == [("authorise", DONE), ("void", DONE)]
    assert SandboxCharge.objects.get().is_voided


@pytest.mark.django_db
def test_order_cancelled_while_its_capture_was_under_way_is_refunded() -> None:
    order = make_order()
    held = claim_first(order)
    record(
        held,
        Sandbox().authorise(key=held.idempotency_key, token=held.token, amount_cents=order.total_cents),
    )
    capture = claim(order.pk)
    assert capture is not None
    life.refund(order_id=order.pk, staff=make_user(), reason="Sold by mistake.")

    answer = Sandbox().capture(
        key=capture.idempotency_key, reference=capture.reference, amount_cents=capture.amount_cents
    )
    record(capture, answer)
    pay(order.pk)

    assert told(order) == [("authorise", DONE), ("capture", DONE), ("refund", DONE)]
    assert SandboxCharge.objects.get().refunded_cents == order.total_cents


def claim_first(order: Order) -> Payment:
    start_payment(order.pk)
    payment = claim(order.pk)
    assert payment is not None
    return payment


@pytest.mark.django_db
def test_claim_gives_a_request_to_one_at_a_time() -> None:
    order = make_order()

    first, second = claim_first(order), claim(order.pk)

    assert first.kind == "authorise"
    assert second is None


@pytest.mark.django_db
def test_record_keeps_the_first_answer() -> None:
    order = make_order()
    payment = claim_first(order)
    record(payment, Answer(is_done=True, reference="one"))

    status = record(payment, Answer(is_done=False, words="Late."))

    assert status == OrderStatus.MATCHED
    assert told(order) == [("authorise", DONE), ("capture", ASKED)]


@pytest.mark.django_db
def test_pay_uses_the_means_that_were_chosen_when_it_was_asked() -> None:
    order, start = make_order(token="test-outage"), conf.now()
    pay(order.pk)
    choose_method(account=order.buyer, token="test-declined")

    with settings.CLOCK.at(start + LATER):
        pay(order.pk)

    assert told(order)[0] == ("authorise", DONE)
    assert Payment.objects.first().token == "test-outage"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_pay_takes_a_misuse_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order()

    class Strict(Sandbox):
        def authorise(self, *, key: UUID, token: str, amount_cents: int) -> Answer:
            raise PaymentMisused("amount_cents: too much.")

    monkeypatch.setattr(registry, "PROVIDERS", {"sandbox": Strict()})

    status = pay(order.pk)

    assert status == OrderStatus.CANCELLED
    assert told(order) == [("authorise", DECLINED)]


@pytest.mark.django_db
def test_pay_names_an_order_that_is_not_there() -> None:
    with pytest.raises(UnknownOrder, match="order_id == 4711"):
        pay(4711)


@pytest.mark.django_db(transaction=True)
def test_pay_is_refused_inside_a_transaction() -> None:
    order = make_order()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        pay(order.pk)

    assert not Payment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pay_by_many_at_once_charges_once() -> None:
    order = make_order()

    def pay_there(_: int) -> None:
        try:
            pay(order.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(pay_there, range(8)))

    charge = SandboxCharge.objects.get()
    assert charge.captured_cents == order.total_cents
    assert told(order) == [("authorise", DONE), ("capture", DONE)]
    assert Order.objects.get().status == OrderStatus.PAID


@pytest.mark.django_db(transaction=True)
def test_worker_that_dies_after_the_deed_charges_once(monkeypatch: pytest.MonkeyPatch) -> None:
    order, start = make_order(), conf.now()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(requests, "record", die)
        with pytest.raises(Killed):
            pay(order.pk)
    with settings.CLOCK.at(start + LATER):
        pay_due()

    assert SandboxCharge.objects.get().captured_cents == order.total_cents
    assert Order.objects.get().status == OrderStatus.PAID


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"amount_cents": 1}, {"kind": "refund"}, {"token": "other"}, {"status": "asked"}])
def test_database_keeps_what_was_asked_and_answered(change: dict[str, object]) -> None:
    order = make_order()
    pay(order.pk)

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Payment.objects.filter(order=order, kind="authorise").update(**change)


@pytest.mark.django_db
def test_unanswered_payment_is_an_error_after_some_tries(caplog: pytest.LogCaptureFixture) -> None:
    order = make_order(token="test-silent")
    payment = claim_first(order)

    levels = []
    for n_tries in (1, paying.TRIES_BEFORE_ERROR):
        payment.n_tries = n_tries
        paying._tell_unanswered(payment, PaymentUnanswered("Nothing."))
        levels.append(caplog.records[-1].levelname)

    assert levels == ["WARNING", "ERROR"]


@pytest.mark.django_db
def test_seller_stands_in_line_again_when_the_buyer_cannot_pay() -> None:
    order = make_order(token="test-declined")
    before = Ask.objects.get()

    pay(order.pk)

    again = Ask.objects.get(status="open")
    assert (again.seller_id, again.price_cents) == (order.seller_id, before.price_cents)
    assert (again.placed_at, again.expires_at) == (before.placed_at, before.expires_at)
