from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog import conf
from catalog.exceptions import PaymentMisused, PaymentUnanswered
from catalog.models import SandboxCharge, SandboxRequest
from catalog.payments.port import Answer
from catalog.payments.sandbox import DECLINED, HOLDS_FOR, Sandbox
from catalog.payments.tokens import DEFAULT_TOKEN, TOKENS

sandbox = Sandbox()


def hold(amount_cents: int = 5_000, token: str = DEFAULT_TOKEN) -> str:
    """The reference of an amount that is held."""
    return sandbox.authorise(key=uuid4(), token=token, amount_cents=amount_cents).reference


def take(amount_cents: int = 5_000, token: str = DEFAULT_TOKEN) -> str:
    """The reference of an amount that was captured."""
    reference = hold(amount_cents, token)
    assert sandbox.capture(key=uuid4(), reference=reference, amount_cents=amount_cents).is_done
    return reference


@pytest.mark.django_db
def test_sandbox_holds_takes_and_gives_back() -> None:
    reference = hold(5_000)

    captured = sandbox.capture(key=uuid4(), reference=reference, amount_cents=4_000)
    refunded = [sandbox.refund(key=uuid4(), reference=reference, amount_cents=2_000) for _ in range(3)]

    charge = SandboxCharge.objects.get()
    assert captured == Answer(is_done=True, reference=reference)
    assert [each.is_done for each in refunded] == [True, True, False]
    assert (charge.authorised_cents, charge.captured_cents, charge.refunded_cents) == (5_000, 4_000, 4_000)
    assert "0 minor units" in refunded[2].words


@pytest.mark.django_db
def test_sandbox_lets_go_what_is_held_once() -> None:
    reference = hold()

    answers = [sandbox.void(key=uuid4(), reference=reference) for _ in range(2)]
    late = sandbox.capture(key=uuid4(), reference=reference, amount_cents=5_000)

    assert [each.is_done for each in (*answers, late)] == [True, False, False]
    assert SandboxCharge.objects.get().captured_cents == 0


@pytest.mark.django_db
def test_sandbox_declines_to_void_or_capture_what_is_captured() -> None:
    reference = take()

    voided = sandbox.void(key=uuid4(), reference=reference)
    again = sandbox.capture(key=uuid4(), reference=reference, amount_cents=1)

    assert not voided.is_done
    assert "refund" in voided.words
    assert not again.is_done


@pytest.mark.django_db
def test_sandbox_holds_no_longer_than_it_says() -> None:
    reference = hold()

    with settings.CLOCK.at(conf.now() + HOLDS_FOR + timedelta(seconds=1)):
        answer = sandbox.capture(key=uuid4(), reference=reference, amount_cents=5_000)

    assert not answer.is_done
    assert "no more" in answer.words


@pytest.mark.django_db
def test_sandbox_answers_the_same_key_the_same() -> None:
    key, other = uuid4(), uuid4()
    first = sandbox.authorise(key=key, token=DEFAULT_TOKEN, amount_cents=5_000)
    taken = sandbox.capture(key=other, reference=first.reference, amount_cents=5_000)

    again = sandbox.authorise(key=key, token=DEFAULT_TOKEN, amount_cents=5_000)
    taken_again = sandbox.capture(key=other, reference=first.reference, amount_cents=5_000)

    assert (again, taken_again) == (first, taken)
    assert SandboxCharge.objects.count() == 1


@pytest.mark.django_db
def test_sandbox_refuses_a_key_with_other_content() -> None:
    key = uuid4()
    sandbox.authorise(key=key, token=DEFAULT_TOKEN, amount_cents=5_000)

    with pytest.raises(PaymentMisused, match="another request"):
        sandbox.authorise(key=key, token=DEFAULT_TOKEN, amount_cents=6_000)

    assert SandboxCharge.objects.get().authorised_cents == 5_000


@pytest.mark.django_db
@pytest.mark.parametrize("amount_cents", [0, -1, 5_001])
def test_sandbox_takes_only_what_is_held(amount_cents: int) -> None:
    reference = hold(5_000)

    with pytest.raises(PaymentMisused, match="amount_cents"):
        sandbox.capture(key=uuid4(), reference=reference, amount_cents=amount_cents)


@pytest.mark.django_db
def test_sandbox_names_what_it_does_not_know() -> None:
    with pytest.raises(PaymentMisused, match="token"):
        sandbox.authorise(key=uuid4(), token="4242424242424242", amount_cents=1)
    with pytest.raises(PaymentMisused, match="reference"):
        sandbox.void(key=uuid4(), reference="sandbox-of-somebody-else")

    assert not SandboxRequest.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", [token for token, script in TOKENS.items() if script.declines])
def test_sandbox_declines_what_its_token_says(token: str) -> None:
    kind = next(iter(TOKENS[token].declines))

    answers = {"authorise": sandbox.authorise(key=uuid4(), token=token, amount_cents=5_000)}
    reference = answers["authorise"].reference
    if reference:
        answers["capture"] = sandbox.capture(key=uuid4(), reference=reference, amount_cents=5_000)
    if reference and answers["capture"].is_done:
        answers["refund"] = sandbox.refund(key=uuid4(), reference=reference, amount_cents=5_000)

    assert [name for name, answer in answers.items() if not answer.is_done] == [kind]
    assert answers[kind].words == DECLINED[kind]


@pytest.mark.django_db
def test_sandbox_loses_an_answer_and_not_the_deed() -> None:
    key = uuid4()

    with pytest.raises(PaymentUnanswered):
        sandbox.authorise(key=key, token="test-answer-lost", amount_cents=5_000)
    held = SandboxCharge.objects.get()
    answer = sandbox.authorise(key=key, token="test-answer-lost", amount_cents=5_000)

    assert answer == Answer(is_done=True, reference=held.reference)
    assert SandboxCharge.objects.count() == 1


@pytest.mark.django_db
def test_sandbox_that_is_away_does_nothing_until_it_is_back() -> None:
    key = uuid4()

    with pytest.raises(PaymentUnanswered):
        sandbox.authorise(key=key, token="test-outage", amount_cents=5_000)
    n_before = SandboxCharge.objects.count()
    answer = sandbox.authorise(key=key, token="test-outage", amount_cents=5_000)

    assert (n_before, answer.is_done, SandboxCharge.objects.count()) == (0, True, 1)


@pytest.mark.django_db
def test_sandbox_that_is_silent_never_does_anything() -> None:
    key = uuid4()

    for _ in range(3):
        with pytest.raises(PaymentUnanswered):
            sandbox.authorise(key=key, token="test-silent", amount_cents=5_000)

    assert not SandboxCharge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sandbox_is_never_asked_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        hold()

    assert not SandboxCharge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sandbox_does_once_what_eight_ask_at_once_under_one_key() -> None:
    reference, key = take(5_000), uuid4()

    def give_back(_: int) -> Answer:
        try:
            return sandbox.refund(key=key, reference=reference, amount_cents=2_000)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(give_back, range(8)))

    assert answers == [Answer(is_done=True, reference=reference)] * 8
    assert SandboxCharge.objects.get().refunded_cents == 2_000


ACTS = st.lists(st.tuples(st.sampled_from(["capture", "void", "refund"]), st.integers(1, 5_000)), max_size=8)


@pytest.mark.django_db
@hypothesis_settings(max_examples=60, deadline=None)
@given(ACTS)
def test_sandbox_books_agree_with_a_plain_account(acts: list[tuple[str, int]]) -> None:
    reference = hold(5_000)
    captured, refunded, is_voided = 0, 0, False

    for kind, cents in acts:
        if kind == "capture":
            is_fine = not captured and not is_voided
            captured += cents * is_fine
            answer = sandbox.capture(key=uuid4(), reference=reference, amount_cents=cents)
        elif kind == "void":
            is_fine = not captured and not is_voided
            is_voided |= is_fine
            answer = sandbox.void(key=uuid4(), reference=reference)
        else:
            is_fine = refunded + cents <= captured
            refunded += cents * is_fine
            answer = sandbox.refund(key=uuid4(), reference=reference, amount_cents=cents)
        assert answer.is_done == is_fine

    charge = SandboxCharge.objects.get(reference=reference)
    assert (charge.captured_cents, charge.refunded_cents, charge.is_voided) == (captured, refunded, is_voided)
