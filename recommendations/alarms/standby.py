"""The second pair of eyes: looks from the event consumers' process when no periodic look comes through."""

import logging
import threading
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connections
from redis.exceptions import RedisError

from recommendations.alarms import delivery, watch
from recommendations.alarms.gathering import BEAT
from recommendations.events import pulse

logger = logging.getLogger(__name__)

CHECK_EVERY_S = 30.0
LOOK_AFTER_S = 100.0


def stand_by(stop: threading.Event, *, every_s: float = CHECK_EVERY_S) -> None:
    """Look where the tick does not, until told to stop; outages are waited out."""
    with suppress(RedisError):
        pulse.expect(BEAT)
    while not stop.wait(every_s):
        try:
            look_if_nobody_did()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The watch cannot record: %r", error, extra={"code": "watch_blind"})
        except Exception:
            logger.exception("The watch failed.", extra={"code": "watch_failed"})
        finally:
            connections.close_all()


def look_if_nobody_did() -> bool:
    """Look and deliver, unless somebody looked lately; whether this call did.

    Raises:
        DatabaseError: the database is out of reach.
    """
    try:
        silent_s = pulse.silent_s(watch.WATCH)
    except (RedisError, OSError):
        silent_s = None
    if silent_s is not None and silent_s < LOOK_AFTER_S:
        return False
    watch.look()
    delivery.deliver_due()
    return True


def start(stop: threading.Event) -> threading.Thread:
    """Stand by in a thread of this process."""
    thread = threading.Thread(target=stand_by, args=(stop,), name="alarms-standby", daemon=True)
    thread.start()
    return thread
