"""Who uses a world's servers: they run from the first lease to the last."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storefront.embedded.accounts import choose_account
from storefront.embedded.daemons import Daemon, Report, bring_up, has_ended, take_down
from storefront.embedded.errors import DiskFull
from storefront.embedded.locks import FileLock, exclusively
from storefront.embedded.postgres import Postgres
from storefront.embedded.valkey import Valkey
from storefront.embedded.world import World, not_ours, prepare_world

# Longer than a start with crash recovery of both servers may take.
TURN_LIMIT_S = 150.0


@dataclass(frozen=True, slots=True)
class Servers:
    """What a caller needs to connect."""

    database_url: str
    valkey_socket: Path


class Lease:
    """One command's use of a world's servers; the last lease given up stops them.

    It rests on a shared file lock, so that the kernel ends it with its process, and it is void in forked children:
    those are handed addresses, and never prolong it.
    """

    def __init__(self, world: World, users: FileLock, report: Report) -> None:
        self.servers = _servers(world)
        self._world = world
        self._users = users
        self._report = report
        self._pid = os.getpid()
        self._is_held = True

    def release(self) -> None:
        """Give the servers up, and stop them if nobody else uses them; safe to repeat.

        Raises:
            LockNotFree: another command has been starting or stopping them for too long.
            ServerNotRunnable: one of them does not stop.
        """
        if not self._is_held or self._pid != os.getpid():
            return
        self._is_held = False
        try:
            with _in_turn(self._world, self._report):
                _leave(self._world, self._users)
        finally:
            self._users.close()

    def mend(self) -> list[str]:
        """Start again the servers that have ended although this lease wants them; safe to repeat, in any thread.

        Returns:
            the names of those that were started.

        Raises:
            LockNotFree: another command has been starting or stopping them for too long.
            ServerNotRunnable: one of them does not come up.
            DiskFull: one of them does not come up for want of space.
        """
        if not self._is_held or self._pid != os.getpid():
            return []
        ended = [daemon for daemon in _daemons(self._world) if has_ended(daemon)]
        if ended:
            with _explained(self._world.top), _in_turn(self._world, self._report):
                for daemon in ended:
                    bring_up(daemon, self._report)
        return [daemon.name for daemon in ended]

    def __enter__(self) -> Servers:
        return self.servers

    def __exit__(self, *_: object) -> None:
        self.release()


def ensure_running(world_dir: Path, *, progress: Callable[[str], None] | None = None) -> Lease:
    """Start a world's PostgreSQL and Valkey, or join those that run, and keep them up until the lease is released.

    Args:
        world_dir: `<checkout>/var/<world>`; everything is kept below it.
        progress: told in a few words what is being done, whenever it takes longer than a glance.

    Returns:
        the lease; as a context manager it yields the servers' addresses.

    Raises:
        EmbeddedServerError: they cannot run here; the message names the cause and the way out.
    """
    report = progress or _stay_silent
    with _explained(world_dir):
        world = prepare_world(world_dir)
        users = FileLock(world.run_dir / "users.lock", world.account)
        try:
            with _in_turn(world, report):
                _join(world, users, report)
        except BaseException:
            users.close()
            raise
    return Lease(world, users, report)


def addresses(world_dir: Path) -> Servers:
    """Where a world's servers listen while they run; starts and makes nothing."""
    top = world_dir.resolve()
    return _servers(World(top, choose_account(top)))


def _servers(world: World) -> Servers:
    return Servers(Postgres(world).url, Valkey(world).socket)


def _daemons(world: World) -> tuple[Daemon, ...]:
    return (Valkey(world), Postgres(world))


def _join(world: World, users: FileLock, report: Report) -> None:
    """Count as a user, then have all up; if that fails or is interrupted, leave nothing running that nobody uses."""
    users.try_shared()  # Never refused: it is taken alone only by whoever has the turn.
    try:
        world.prepare_socket_dir()
        for daemon in _daemons(world):
            bring_up(daemon, report)
    except BaseException:
        _leave(world, users)
        raise


def _leave(world: World, users: FileLock) -> None:
    if not users.try_exclusive():
        return
    for daemon in _daemons(world):
        take_down(daemon)
    world.remove_socket_dir()


def _in_turn(world: World, report: Report) -> AbstractContextManager[None]:
    return exclusively(
        world.run_dir / "turn.lock",
        world.account,
        within_s=TURN_LIMIT_S,
        on_wait=lambda: report("Waiting for another command to start or stop the servers"),
    )


@contextmanager
def _explained(world_dir: Path) -> Iterator[None]:
    """Turn the two refusals of the file system that a user can do something about into errors that say what."""
    try:
        yield
    except PermissionError as error:
        raise not_ours(Path(error.filename or world_dir), world_dir) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"no space is left on the disk of {world_dir}: free some and try again") from error
        raise


def _stay_silent(_: str) -> None:
    return
