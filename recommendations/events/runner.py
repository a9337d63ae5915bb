"""Runs the consumers: a thread for each group and one for the outbox, in one process, until told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from django.db import connections

from recommendations.events import buffer, changes, outbox, partitions, recent, store, trackers
from recommendations.events.consumer import Consumer, Handler
from recommendations.events.stream import GROUPS
from recommendations.events.streams import open_stream
from recommendations.exceptions import InvalidInput, StreamUnavailable

logger = logging.getLogger(__name__)

RELAY_EVERY_S = 0.25
LONGEST_PAUSE_S = 5.0
# Consumers look at the stop signal at least this often.
STOP_PATIENCE_S = 1.8

# Group -> what makes its handler, once, in the process that runs it.
HANDLERS: dict[str, Callable[[], Handler]] = {
    "store": lambda: store.handle,
    "trackers": lambda: trackers.of_settings().handle,
    "recent": lambda: recent.handle,
}


def run(
    groups: Sequence[str] = GROUPS,
    *,
    drain: bool = False,
    stop: threading.Event | None = None,
    more: Mapping[str, Callable[[], Handler]] | None = None,
) -> None:
    """Consume until `stop` is set, or with `drain` until outbox and stream hold nothing for these groups.

    Args:
        groups: names out of `stream.GROUPS` and `more`; each gets a thread.
        drain: relay first, then consume what is there, then return.
        stop: set by whoever wants this to end; consumers follow within two seconds.
        more: what makes the handlers of the project's own groups.

    Raises:
        InvalidInput: an unknown group.
    """
    makers = {**HANDLERS, **(more or {})}
    if unknown := sorted(set(groups) - set(makers)):
        raise InvalidInput(f"groups == {unknown}; known are {', '.join(makers)}.")
    stop = stop or threading.Event()
    if drain:
        buffer.flush()
        _relay_all(stop)
    threads = [
        threading.Thread(target=_consume, args=(group, makers[group], drain, stop), name=f"events-{group}")
        for group in groups
    ]
    if not drain:
        threads.append(threading.Thread(target=_relay, args=(stop,), name="events-outbox"))
    for thread in threads:
        thread.daemon = True
        thread.start()
    while any(thread.is_alive() for thread in threads) and not stop.is_set():
        stop.wait(0.1)
    give_up_at = time.monotonic() + STOP_PATIENCE_S
    for thread in threads:
        thread.join(max(0.0, give_up_at - time.monotonic()))


def _consume(
    group: str,
    make: Callable[[], Handler],
    drain: bool,  # noqa: FBT001 - a thread's arguments
    stop: threading.Event,
) -> None:
    Consumer(open_stream(), group, make(), stop=stop).run(drain=drain)


def _relay_all(stop: threading.Event) -> None:
    while not stop.is_set() and (outbox.relay() or changes.relay()):
        pass


def _relay(stop: threading.Event) -> None:
    """Relay every quarter of a second; an outage only makes the pauses longer."""
    pause_s = RELAY_EVERY_S
    partitions_made_for = None
    try:
        while not stop.wait(pause_s):
            try:
                _relay_all(stop)
                pause_s = RELAY_EVERY_S
                if partitions_made_for != (month := partitions.current_month()):
                    partitions.ensure_current()
                    partitions_made_for = month
            except StreamUnavailable as error:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                logger.warning("The outbox waits %.1f s: %s", pause_s, error, extra={"code": error.code})
            except Exception:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                logger.exception("The outbox was not relayed.", extra={"code": "relay_failed"})
                connections.close_all()
    finally:
        connections.close_all()
