"""A device joins an account: one key from then on, and one unit in every experiment."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from experiments.links import link_units
from recommendations.events.identity import device_key, identity_of
from recommendations.events.joining import join_keys
from storefront.accounts.models import User
from storefront.hiding import move_hidden

logger = logging.getLogger(__name__)


@contextmanager
def joining(request: HttpRequest) -> Iterator[None]:
    """Link the device's unit and past to the account's where the device takes the account's key inside the block.

    A key that belongs to an account is a person's, on a shared computer somebody else's: it is never linked. A device
    that kept no key until now was seen by no experiment.
    """
    before = device_key(request)
    yield
    after = getattr(request.user, "shopper_key", None)
    if before and after and before != after and identity_of(request).shopper.shopper_key == after:
        _link(before, after)


def _link(before: str, after: str) -> None:
    if User.objects.filter(shopper_key=before).exists():
        return
    try:
        link_units(from_unit=before, to_unit=after, at=settings.CLOCK.now())
        join_keys(before, after)
        move_hidden(before, after)
    except DatabaseError:
        # Nobody is kept from signing in by bookkeeping.
        logger.exception("A device was not linked to its account.", extra={"code": "link_failed"})
