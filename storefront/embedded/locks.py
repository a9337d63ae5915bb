"""File locks that the kernel frees when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from storefront.embedded.accounts import Account
from storefront.embedded.errors import LockNotFree

POLL_S = 0.02


class FileLock:
    """An advisory lock on one file, shared or exclusive; every instance stands for a holder of its own.

    The descriptor is closed in forked children and on exec, so that only the process that took the lock holds it. A
    child that must hold it too is handed the descriptor on purpose (see `spawning.spawn`).
    """

    def __init__(self, path: Path, account: Account) -> None:
        self.path = path
        # The folder may be another user's when root comes by: never follow a link from there.
        self._fd: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        account.give_descriptor(self._fd)
        _open_locks.add(self)

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError(f"the lock on {self.path} is closed")
        return self._fd

    def try_exclusive(self) -> bool:
        """Take the lock alone if nobody else holds it; a shared hold is given up by the attempt."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give the lock up; safe to repeat."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_open_locks: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _close_in_child() -> None:
    # Closing a copy leaves the parent's hold alone; unlocking would end it for both.
    for lock in list(_open_locks):
        lock.close()


os.register_at_fork(after_in_child=_close_in_child)


@contextmanager
def exclusively(path: Path, account: Account, *, within_s: float, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock on `path` alone for the length of the block.

    Args:
        path: the lock's file, made where missing.
        account: whom the file shall belong to.
        within_s: seconds to wait for other holders.
        on_wait: called once when there is somebody to wait for.

    Raises:
        LockNotFree: the others did not finish in time.
    """
    with FileLock(path, account) as lock:
        if not lock.try_exclusive():
            on_wait()
            deadline = time.monotonic() + within_s
            while not lock.try_exclusive():
                if time.monotonic() > deadline:
                    raise LockNotFree(
                        f"another command has been starting or stopping the servers for {within_s:.0f} s "
                        f"(it holds {path}); end that command and try again"
                    )
                time.sleep(POLL_S)
        yield
