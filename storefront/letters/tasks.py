"""Thin doors for Celery: mail about orders, which no page waits for."""

import logging

from celery import shared_task

from storefront.letters import sending, writing

logger = logging.getLogger(__name__)


@shared_task(name="letters.tasks.tell_of_orders")
def tell_of_orders() -> None:
    """Write what is owed, then send what is due; without a mail server it waits."""
    writing.write_letters()
    try:
        sending.send_letters()
    except OSError:
        logger.warning("No mail can be sent at the moment; letters wait.", exc_info=True, extra={"code": "mail_failed"})


@shared_task(name="letters.tasks.prune_letters")
def prune_letters() -> None:
    sending.prune_letters()
