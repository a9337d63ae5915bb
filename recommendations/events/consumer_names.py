"""Consumers' names, machine and process, which tell whether a consumer of this machine is dead."""

import os
import socket


def own_name() -> str:
    """The name of this process's consumers."""
    return f"{socket.gethostname()}-{os.getpid()}"


def is_dead_here(name: str) -> bool:
    """Whether a consumer was a process of this machine that is no more; of other machines nothing is known."""
    host, _, pid = name.rpartition("-")
    return host == socket.gethostname() and not _is_alive(pid)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
