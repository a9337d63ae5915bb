"""Keeps the bundled servers up while a command runs, unless the environment names real ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from storefront.embedded import ensure_running
from storefront.env import read_environment


@contextmanager
def bundled_servers() -> Iterator[None]:
    """Start what this world needs, and stop what was started once the last command of the world is done.

    Raises:
        EnvironmentFault: a variable is wrong.
        EmbeddedServerError: a server does not start; the message says why and what to do.
    """
    environment = read_environment()
    if environment.database_url and environment.redis_url:
        yield
        return
    with ensure_running(environment.world_dir) as servers:
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", f"unix://{servers.valkey_socket}")
        yield
