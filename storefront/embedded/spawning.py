"""Starting a server as a process of its own, with the lock that it holds for life, and reading its log."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from storefront.embedded.accounts import Account
from storefront.embedded.locks import FileLock

LOG_LIMIT_BYTES = 8 * 1024 * 1024
TAIL_LINES = 15
TAIL_BYTES = 8192
# Nothing of the caller's environment: no PG* variable may steer a server, and no secret is to be seen in it.
SERVER_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# Ignored signals survive an exec: Python ignores the first two, nohup the third, a shell's background job the others.
RESET_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def spawn(command: Sequence[str], *, log: Path, lock: FileLock, account: Account) -> int:
    """Start a server in its own session, so that a Ctrl-C in the terminal does not reach it.

    The server and all its children inherit the locked descriptor: the lock is free again exactly when the last of them
    is gone, whoever asks and whatever became of the process that started them.

    Returns:
        the server's process id.
    """
    log_fd = _open_log(log, account)
    lock_target = 10 if lock.fd != 10 else 11  # A duplicate outlives the exec; the original is closed by it.
    try:
        return os.posix_spawn(
            command[0],
            list(command),
            SERVER_ENVIRONMENT,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, lock.fd, lock_target),
                (os.POSIX_SPAWN_DUP2, log_fd, 1),
                (os.POSIX_SPAWN_DUP2, log_fd, 2),
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=RESET_SIGNALS,
        )
    finally:
        os.close(log_fd)


def reap(pid: int) -> None:
    """Take note of a child's end, so that it does not stay as a zombie; nothing for a process that is no child."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def log_tail(log: Path) -> str:
    """The last lines of a server's log, for an error message."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return f"{log} is missing"
    return "\n".join(["the end of its log:", *lines[-TAIL_LINES:]]) if lines else f"{log} is empty"


def _open_log(log: Path, account: Account) -> int:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    account.give_descriptor(fd)
    return fd
