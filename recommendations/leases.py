"""Leases on rows: one holder at a time, renewed while it works, taken over when it is dead or late."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, connection
from django.db.models import F, QuerySet

from recommendations import conf
from recommendations.exceptions import LeaseHeld
from recommendations.models.leases import Leased

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Leased)

RENEWALS_PER_LEASE = 3


def current_holder() -> str:
    """Return this thread's name as a holder: where it runs, its process, when that began, and the thread."""
    return "|".join((_place(), str(os.getpid()), _began(os.getpid()), str(threading.get_ident())))


def is_gone(holder: str) -> bool:
    """Return whether a holder is certainly dead: it ran beside this process, and its process is no more.

    Args:
        holder: what `current_holder` returned there.
    """
    place, pid, began, _ = holder.split("|")
    return bool(began) and place == _place() and _began(int(pid)) != began


def claim(row: Row, *, holder: str) -> Row:
    """Take the lease of a row that is free, expired, held by the dead or already this holder's.

    Args:
        row: any state of the row; it is read afresh.
        holder: who claims.

    Returns:
        The row as claimed, with its new fencing token.

    Raises:
        LeaseHeld: another holder has it; the message says which and until when.
    """
    rows = _rows(type(row))
    fresh = rows.get(pk=row.pk)
    now = conf.now()
    is_taken_over = bool(fresh.holder) and fresh.holder != holder
    if is_taken_over and not _is_late(fresh, now) and not is_gone(fresh.holder):
        raise LeaseHeld(f"{fresh} is held by {fresh.holder} until {fresh.lease_expires_at:%H:%M:%S} at least.")
    claimed = rows.filter(pk=row.pk, fencing_token=fresh.fencing_token).update(
        holder=holder,
        lease_expires_at=now + conf.lease_span(),
        fencing_token=F("fencing_token") + 1,
        n_deaths=F("n_deaths") + int(is_taken_over),
    )
    if not claimed:
        raise LeaseHeld(f"{fresh} was claimed by another process at the same moment.")
    return rows.get(pk=row.pk)


def _is_late(row: Leased, now: datetime) -> bool:
    """Return whether a lease ran out, or ends later than any that was given by the clock as it is set now."""
    ends_at = row.lease_expires_at
    return ends_at is None or not now < ends_at <= now + 2 * conf.lease_span()


class Keeper:
    """Renews a claimed row's lease from a thread of its own, until it is stopped or the row is in other hands."""

    def __init__(self, row: Leased) -> None:
        self._model, self._pk, self._token = type(row), row.pk, row.fencing_token
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lease of {row}", daemon=True)

    @property
    def is_lost(self) -> bool:
        """Whether another holder has taken over."""
        return self._lost.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopped.wait(conf.lease_s() / RENEWALS_PER_LEASE) and not self.is_lost:
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        until = conf.now() + conf.lease_span()
        try:
            if not held(self._model, self._pk, self._token).update(lease_expires_at=until):
                self._lost.set()
        except DatabaseError:
            connection.close()
            logger.warning("lease not renewed, will try again", extra={"code": "lease_not_renewed"})


@contextmanager
def hold(row: Row, *, holder: str) -> Iterator[tuple[Row, Keeper]]:
    """Claim a row, keep its lease while the block runs, and let go of it at the end.

    Args:
        row: any state of the row.
        holder: who claims.

    Yields:
        The row as claimed, and the keeper that knows whether the lease was lost.

    Raises:
        LeaseHeld: another holder has it.
    """
    claimed = claim(row, holder=holder)
    keeper = Keeper(claimed)
    keeper.start()
    try:
        yield claimed, keeper
    finally:
        keeper.stop()
        held(type(row), row.pk, claimed.fencing_token).update(holder="", lease_expires_at=None)


def held(model: type[Row], pk: object, token: int) -> QuerySet[Row]:
    """Return the row as a queryset, empty once another holder has it; every write of a holder goes through it."""
    return _rows(model).filter(pk=pk, fencing_token=token)


def _rows(model: type[Row]) -> QuerySet[Row]:
    return model._default_manager.all()  # noqa: SLF001 - Django's public name for a model's rows, whatever it is


def _place() -> str:
    """Return what tells one set of process ids from another: the boot, and the process namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"unknown-{os.uname().nodename}"


def _began(pid: int) -> str:
    """Return when a process began, in ticks since boot; empty when there is none, or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
