"""Thin doors for Celery: mail, which no page waits for."""

import logging

from celery import shared_task

from storefront.accounts import resetting

logger = logging.getLogger(__name__)


@shared_task(name="accounts.tasks.send_reset_links")
def send_reset_links(email: str, origin: str) -> None:
    """Tell nobody whether the address is known: the page has answered long before, and alike."""
    try:
        resetting.send_links(email, origin=origin)
    except OSError:
        logger.exception("A link for a new password was not sent.", extra={"code": "mail_failed"})
