"""The server's two loops: one that takes resources a step further, one that trains what waits."""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connection
from redis.exceptions import RedisError

from recommendations.adapters.embedded.training import train_next
from recommendations.server.advancing import advance

logger = logging.getLogger(__name__)

# A script that asks every second sees every state; nobody waits for long.
EVERY_S = 0.3
AFTER_FAULT_S = 2.0


def advance_until(stop: threading.Event) -> None:
    """Advance resources until told to stop."""
    _repeat(lambda: bool(advance()), stop)


def train_until(stop: threading.Event) -> None:
    """Train what waits until told to stop; a training under way is then left to the next start."""
    _repeat(lambda: train_next(should_stop=stop.is_set) is not None, stop)


def _repeat(step: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.is_set():
        pause_s = EVERY_S
        try:
            close_old_connections()
            step()
        except (DatabaseError, RedisError) as error:
            logger.warning("The server's worker waits for its database.", extra={"error": str(error)})
            pause_s = AFTER_FAULT_S
        except Exception:
            logger.exception("The server's worker failed; it goes on.")
            pause_s = AFTER_FAULT_S
        stop.wait(pause_s)
    connection.close()
