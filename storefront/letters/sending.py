"""Sends the letters that are owed: none twice by itself, whatever becomes of the process or the server."""

import logging
import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from catalog.models import OrderStep
from storefront.letters.models import OWED, Letter
from storefront.letters.wording import word_letter
from storefront.letters.writing import wants_letters

logger = logging.getLogger(__name__)

# A minute, then twice as long each time; the last of ten tries comes some nine hours after the first.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 10
# So long after it was handed over, nobody is still sending a letter.
ABANDONED_AFTER = timedelta(minutes=30)
KEPT_FOR = timedelta(days=90)
# Claimed at a time, so that a pile of what leaves no more holds few locks.
LOOKED_AT = 20
PERMANENT, CLOSING = 500, 421
Status = Letter.Status


def send_letters(*, limit: int = 200, budget_s: float = 60.0) -> int:
    """Send what is due, the longest due first.

    Args:
        limit: how many letters at most.
        budget_s: after so many seconds no further letter is begun; the rest waits for the next call.

    Returns:
        How many the mail server took.

    Raises:
        OSError: the mail server cannot be reached; nothing was tried, and everything waits.
    """
    give_up_abandoned()
    due = Letter.objects.filter(status=Status.WAITING, try_at__lte=settings.CLOCK.now())
    if not due.exists():
        return 0
    connection: BaseEmailBackend = get_connection()
    # Whatever fails here was handed to nobody and is safe to repeat.
    connection.open()
    until_s, n_sent = time.monotonic() + budget_s, 0
    try:
        for _ in range(limit):
            letter = _next_letter(until_s)
            if letter is None:
                break
            told = _send(letter, connection)
            n_sent += letter.status == Status.SENT
            if letter.status == Status.UNSURE or told == CLOSING:
                # The line is gone; what follows has not been handed over and can wait.
                break
    finally:
        connection.close()
    return n_sent


def give_up_abandoned() -> int:
    """Mark what a process died over as unsure: the server may have taken it, and nobody gets a letter twice."""
    before = settings.CLOCK.now() - ABANDONED_AFTER
    n_unsure = Letter.objects.filter(status=Status.SENDING, try_at__lt=before).update(status=Status.UNSURE)
    if n_unsure:
        logger.warning("%d letters may or may not have been sent.", n_unsure, extra={"code": "letter_unsure"})
    return n_unsure


def hurry_letters() -> int:
    """Let no letter wait for its next attempt, as when what was wrong with the server is mended; how many waited."""
    now = settings.CLOCK.now()
    return Letter.objects.filter(status=Status.WAITING, try_at__gt=now).update(try_at=now)


def prune_letters() -> int:
    """Delete letters of long ago that are owed no more; how many there were."""
    old = Letter.objects.filter(made_at__lt=settings.CLOCK.now() - KEPT_FOR)
    n_deleted, _ = old.exclude(status__in=OWED).delete()
    return n_deleted


def _next_letter(until_s: float) -> Letter | None:
    while time.monotonic() < until_s:
        letter, is_last = _claim()
        if letter is not None or is_last:
            return letter
    return None


@transaction.atomic
def _claim() -> tuple[Letter | None, bool]:
    """The next letter that may leave, marked as being sent before anybody hears of it; and whether no more are due."""
    now = settings.CLOCK.now()
    due = Letter.objects.filter(status=Status.WAITING, try_at__lte=now).order_by("try_at", "pk")
    found = due.select_for_update(of=("self",), skip_locked=True).select_related(
        "account", "step__order__trade__variant__product__brand"
    )
    looked_at = list(found[:LOOKED_AT])
    for letter in looked_at:
        status = _stands(letter)
        letter.status, letter.try_at = status, now
        letter.n_tries += status == Status.SENDING
        letter.save(update_fields=["status", "try_at", "n_tries"])
        if status == Status.SENDING:
            return letter, False
    return None, len(looked_at) < LOOKED_AT


def _stands(letter: Letter) -> str:
    if not wants_letters(letter.account):
        return Status.UNWANTED
    order_id, step_id = letter.step.order_id, letter.step_id
    newer = Letter.objects.filter(account=letter.account_id, step__order=order_id, step_id__gt=step_id)
    # Who has shipped or cancelled since is not asked to ship.
    own = OrderStep.objects.filter(order=order_id, account=letter.account_id, pk__gt=step_id)
    return Status.OVERTAKEN if newer.exists() or own.exists() else Status.SENDING


def _send(letter: Letter, connection: BaseEmailBackend) -> int | None:
    """Hand one letter over and mark where it stands then; the server's code where it said no."""
    try:
        message = word_letter(letter, connection)
    except Exception:
        logger.exception("A letter was not worded.", extra=_named(letter, "letter_unworded"))
        _put_off(letter, is_final=False)
        return None
    try:
        connection.send_messages([message])
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        # The server said no: it was not taken, and may be later.
        code = _code_of(error)
        logger.warning("The mail server refused a letter: %s", error, extra=_named(letter, "letter_put_off"))
        # Whom the server does not let send at all is the shop, and no fault of this letter's.
        _put_off(letter, is_final=code >= PERMANENT and not isinstance(error, SMTPSenderRefused))
        return code
    except Exception:
        # The line broke, and the server may have taken it before.
        logger.exception("A letter may not have been sent.", extra=_named(letter, "letter_unsure"))
        _mark(letter, Status.UNSURE)
        return None
    _mark(letter, Status.SENT)
    return None


def _put_off(letter: Letter, *, is_final: bool) -> None:
    if is_final or letter.n_tries >= MOST_TRIES:
        logger.warning("A letter is given up.", extra=_named(letter, "letter_refused"))
        _mark(letter, Status.REFUSED)
        return
    letter.try_at = settings.CLOCK.now() + min(FIRST_PAUSE * 2 ** (letter.n_tries - 1), LONGEST_PAUSE)
    _mark(letter, Status.WAITING)


def _mark(letter: Letter, status: str) -> None:
    letter.status = status
    letter.save(update_fields=["status", "try_at"])


def _named(letter: Letter, code: str) -> dict[str, str | int]:
    return {"code": code, "order_id": letter.step.order_id, "n_tries": letter.n_tries}


def _code_of(error: SMTPResponseException | SMTPRecipientsRefused) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        # A letter has one reader.
        return max(code for code, _ in error.recipients.values())
    return error.smtp_code
