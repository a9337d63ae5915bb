"""The sandbox: a complete payment provider that moves no money, with books of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from catalog import conf
from catalog.exceptions import PaymentMisused, PaymentUnanswered
from catalog.models import SandboxCharge, SandboxRequest
from catalog.payments.port import Answer
from catalog.payments.tokens import TOKENS, Script

# As long as card schemes commonly hold an amount that is not captured.
HOLDS_FOR = timedelta(days=7)
# What the buyer reads; the kind of request stands beside it wherever staff does.
DECLINED = {
    "authorise": "The test payment was declined.",
    "capture": "The test payment was declined when it was to be taken.",
    "refund": "The test payment takes no refund.",
}


class Sandbox:
    """Plays the provider for the tokens of `tokens.py`; each request is one transaction of its own.

    A lost answer is lost after that transaction, as on a real line: what was asked is done, and its key knows it.
    """

    @property
    def tokens(self) -> Mapping[str, str]:
        """The tokens that play something -> what they play."""
        return {token: script.label for token, script in TOKENS.items()}

    def authorise(self, *, key: UUID, token: str, amount_cents: int) -> Answer:
        """Hold an amount for `HOLDS_FOR`.

        Args:
            key: of this request.
            token: one of `tokens`.
            amount_cents: above 0.

        Returns:
            Done, with the reference of what is held; or declined.

        Raises:
            PaymentMisused: the token is unknown, the amount not above 0, or the key was used for something else.
            PaymentUnanswered: as the token plays it.
        """
        script = TOKENS.get(token)
        if script is None:
            raise PaymentMisused(f"token == {token!r}, must be one of {', '.join(TOKENS)}.")
        _check_amount(amount_cents)
        asked = _Asked(key, "authorise", f"{token} {amount_cents}", script)
        return _answer(asked, lambda: _authorise(asked.reference, token, amount_cents))

    def capture(self, *, key: UUID, reference: str, amount_cents: int) -> Answer:
        """Take what is held, or a part of it; once.

        Args:
            key: of this request.
            reference: what `authorise` answered.
            amount_cents: above 0, at most what is held.

        Returns:
            Done; or declined where it was captured or voided before, or is held no more.

        Raises:
            PaymentMisused: the reference is unknown, the amount out of range, or the key was used for something else.
            PaymentUnanswered: as the token plays it.
        """
        charge = _find(reference)
        _check_amount(amount_cents, most=charge.authorised_cents)
        asked = _Asked(key, "capture", f"{reference} {amount_cents}", TOKENS[charge.token])
        return _answer(asked, lambda: _capture(_lock(reference), amount_cents))

    def void(self, *, key: UUID, reference: str) -> Answer:
        """Let go what is held.

        Args:
            key: of this request.
            reference: what `authorise` answered.

        Returns:
            Done; or declined where it was captured or voided before.

        Raises:
            PaymentMisused: the reference is unknown, or the key was used for something else.
            PaymentUnanswered: as the token plays it.
        """
        charge = _find(reference)
        asked = _Asked(key, "void", reference, TOKENS[charge.token])
        return _answer(asked, lambda: _void(_lock(reference)))

    def refund(self, *, key: UUID, reference: str, amount_cents: int) -> Answer:
        """Give back what was captured, or a part of it.

        Args:
            key: of this request.
            reference: what `authorise` answered.
            amount_cents: above 0.

        Returns:
            Done; or declined where more would be given back than was captured.

        Raises:
            PaymentMisused: the reference is unknown, the amount not above 0, or the key was used for something else.
            PaymentUnanswered: as the token plays it.
        """
        charge = _find(reference)
        _check_amount(amount_cents)
        asked = _Asked(key, "refund", f"{reference} {amount_cents}", TOKENS[charge.token])
        return _answer(asked, lambda: _refund(_lock(reference), amount_cents))


@dataclass(frozen=True, slots=True)
class _Asked:
    key: UUID
    kind: str
    about: str
    script: Script

    @property
    def content(self) -> str:
        return f"{self.kind} {self.about}"

    @property
    def reference(self) -> str:
        return f"sandbox-{self.key.hex}"


def _answer(asked: _Asked, act: Callable[[], Answer]) -> Answer:
    if asked.script.is_silent:
        raise PaymentUnanswered(f"The sandbox gave no answer to {asked.kind}.")
    # Durable: who asks a provider inside a transaction would hold its locks as long as the line is slow.
    with transaction.atomic(durable=True):
        answer, is_first = _answer_once(asked, act)
    if is_first and (asked.script.loses_first or asked.script.misses_first):
        raise PaymentUnanswered(f"The sandbox's answer to {asked.kind} did not come.")
    return answer


def _answer_once(asked: _Asked, act: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The key's answer, and whether it was asked for the first time."""
    with connection.cursor() as cursor:
        # Two with one key at one time: the second waits for the first one's answer.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(asked.key)])
    kept = SandboxRequest.objects.filter(pk=asked.key).first()
    if kept is not None and kept.content != asked.content:
        raise PaymentMisused(f"key == {asked.key}: belongs to another request; send a new key.")
    if kept is not None and kept.is_done is not None:
        return Answer(kept.is_done, kept.reference, kept.words), False
    is_away = kept is None and asked.script.misses_first
    answer = Answer(is_done=False) if is_away else _play(asked, act)
    SandboxRequest.objects.update_or_create(
        key=asked.key,
        defaults={
            "content": asked.content,
            "is_done": None if is_away else answer.is_done,
            "reference": answer.reference,
            "words": answer.words,
            "asked_at": conf.now(),
        },
    )
    return answer, kept is None


def _play(asked: _Asked, act: Callable[[], Answer]) -> Answer:
    if asked.kind in asked.script.declines:
        return Answer(is_done=False, words=DECLINED[asked.kind])
    return act()


def _authorise(reference: str, token: str, amount_cents: int) -> Answer:
    SandboxCharge.objects.create(
        reference=reference, token=token, authorised_cents=amount_cents, authorised_at=conf.now()
    )
    return Answer(is_done=True, reference=reference)


def _capture(charge: SandboxCharge, amount_cents: int) -> Answer:
    if charge.is_voided or charge.captured_cents:
        return _declined(charge, "It was voided before." if charge.is_voided else "It was captured before.")
    if charge.authorised_at + HOLDS_FOR <= conf.now():
        return _declined(charge, "It is held no more: too much time has passed.")
    charge.captured_cents = amount_cents
    charge.save(update_fields=["captured_cents"])
    return Answer(is_done=True, reference=charge.reference)


def _void(charge: SandboxCharge) -> Answer:
    if charge.is_voided or charge.captured_cents:
        return _declined(charge, "It was voided before." if charge.is_voided else "It was captured: refund it.")
    charge.is_voided = True
    charge.save(update_fields=["is_voided"])
    return Answer(is_done=True, reference=charge.reference)


def _refund(charge: SandboxCharge, amount_cents: int) -> Answer:
    left_cents = charge.captured_cents - charge.refunded_cents
    if amount_cents > left_cents:
        return _declined(charge, f"Only {left_cents} minor units are left to give back.")
    charge.refunded_cents += amount_cents
    charge.save(update_fields=["refunded_cents"])
    return Answer(is_done=True, reference=charge.reference)


def _declined(charge: SandboxCharge, words: str) -> Answer:
    return Answer(is_done=False, reference=charge.reference, words=words)


def _find(reference: str) -> SandboxCharge:
    try:
        return SandboxCharge.objects.get(reference=reference)
    except SandboxCharge.DoesNotExist:
        raise PaymentMisused(f"reference == {reference!r}: nothing is held under it.") from None


def _lock(reference: str) -> SandboxCharge:
    return SandboxCharge.objects.select_for_update().get(reference=reference)


def _check_amount(amount_cents: int, *, most: int | None = None) -> None:
    if amount_cents <= 0 or (most is not None and amount_cents > most):
        until = "above 0" if most is None else f"1..{most}"
        raise PaymentMisused(f"amount_cents == {amount_cents}, must be {until}.")
