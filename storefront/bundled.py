"""Keeps the bundled servers up while a command runs, unless the environment names real ones."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from storefront.embedded import Lease, ensure_running
from storefront.env import read_environment


@contextmanager
def bundled_servers(progress: Callable[[str], None] | None = None) -> Iterator[Lease | None]:
    """Start what this world needs, and stop what was started once the last command of the world is done.

    Child processes find the servers by DATABASE_URL and REDIS_URL and take no lease of their own.

    Yields:
        The lease on them; None where the environment names real ones.

    Raises:
        EnvironmentFault: a variable is wrong.
        EmbeddedServerError: a server does not start; the message says why and what to do.
    """
    environment = read_environment()
    if environment.database_url and environment.redis_url:
        yield None
        return
    lease = ensure_running(environment.world_dir, progress=progress)
    with lease as servers:
        handed_down = {"DATABASE_URL": servers.database_url, "REDIS_URL": f"unix://{servers.valkey_socket}"}
        missing = {name: url for name, url in handed_down.items() if not os.environ.get(name)}
        os.environ.update(missing)
        try:
            yield lease
        finally:
            for name in missing:
                os.environ.pop(name, None)
