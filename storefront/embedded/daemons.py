"""Brings one server up or down, whatever state an earlier command left it in."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from storefront.embedded.accounts import Account
from storefront.embedded.errors import OWN_SERVERS_HINT, DiskFull, ServerNotRunnable
from storefront.embedded.locks import POLL_S, FileLock
from storefront.embedded.spawning import log_tail, reap, spawn

# Long enough for crash recovery of a full write-ahead log on a slow disk.
START_LIMIT_S = 60.0

Report = Callable[[str], None]


class Daemon(Protocol):
    """What has to be known of a server to start and stop it."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> Account: ...

    @property
    def lock_path(self) -> Path:
        """The file that the server holds locked while any of its processes lives."""

    @property
    def log(self) -> Path: ...

    @property
    def stop_signals(self) -> Sequence[tuple[signal.Signals, float]]:
        """Signals in growing strength, each with the seconds it is given."""

    def prepare(self, lock: FileLock, report: Report) -> None:
        """Put the data folder and what a crash left behind in order; called while nothing runs."""

    def command(self) -> list[str]:
        """The server's whole command line."""

    def is_ready(self) -> bool:
        """Whether this world's server answers.

        Raises:
            ServerNotRunnable: another world's server answers.
        """

    def pid(self) -> int | None:
        """The running server's process id, once it is written down."""


def bring_up(daemon: Daemon, report: Report) -> None:
    """Start a server, or take over the one that runs.

    Raises:
        ServerNotRunnable: it does not come up; the message ends with its log.
        DiskFull: it does not come up for want of space.
    """
    deadline = time.monotonic() + START_LIMIT_S
    with FileLock(daemon.lock_path, daemon.account) as lock:
        # A lock that is held and a server that does not answer: it starts, it stops, or its last children are leaving.
        while not lock.try_exclusive():
            if daemon.is_ready():
                return
            _refuse_after(deadline, daemon)
            time.sleep(POLL_S)
        if (dead := daemon.pid()) is not None:
            reap(dead)
        daemon.prepare(lock, report)
        report(f"Starting {daemon.name}")
        pid = spawn(daemon.command(), log=daemon.log, lock=lock, account=daemon.account)
    while not daemon.is_ready():
        if has_ended(daemon):
            reap(pid)
            raise failure(daemon, f"{daemon.name} ended while starting")
        _refuse_after(deadline, daemon)
        time.sleep(POLL_S)


def take_down(daemon: Daemon) -> None:
    """Stop a server if it runs, and wait until none of its processes is left.

    Raises:
        ServerNotRunnable: it survived every signal.
    """
    with FileLock(daemon.lock_path, daemon.account) as lock:
        for number, patience_s in daemon.stop_signals:
            if _has_stopped(daemon, lock, number, patience_s):
                return
    raise ServerNotRunnable(f"{daemon.name} (process {daemon.pid()}) does not stop; end it by hand")


def _has_stopped(daemon: Daemon, lock: FileLock, number: signal.Signals, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    signalled: int | None = None
    while not lock.try_exclusive():
        # A server that has only just started has not written its id down yet.
        if (pid := daemon.pid()) is not None and pid != signalled:
            _send(pid, number)
            signalled = pid
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
        if signalled is not None:
            reap(signalled)
    if signalled is not None:
        _reap_soon(signalled)
    return True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        # A server leads its session; a number written down by one that was killed may be another program's by now.
        if os.getsid(pid) == pid:
            os.kill(pid, number)
    except ProcessLookupError:
        return


def _reap_soon(pid: int) -> None:
    """The lock is freed a moment before the kernel reports the end of the process that held it; a busy one is late."""
    for _ in range(1000):
        try:
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                return
        except ChildProcessError:
            return
        time.sleep(POLL_S / 10)


def has_ended(daemon: Daemon) -> bool:
    """Whether no process of the server is left."""
    with FileLock(daemon.lock_path, daemon.account) as lock:
        return lock.try_exclusive()


def _refuse_after(deadline: float, daemon: Daemon) -> None:
    if time.monotonic() > deadline:
        raise failure(daemon, f"{daemon.name} did not answer within {START_LIMIT_S:.0f} s")


def failure(daemon: Daemon, what: str, output: str | None = None) -> ServerNotRunnable | DiskFull:
    """The error for a server that fails, with the end of what it said and the way out."""
    said = output if output is not None else log_tail(daemon.log)
    if "No space left on device" in said:
        return DiskFull(f"{what}: no space is left on the disk of {daemon.log.parent.parent}; free some\n{said}")
    return ServerNotRunnable(f"{what}; see {daemon.log}, {OWN_SERVERS_HINT}\n{said}")
