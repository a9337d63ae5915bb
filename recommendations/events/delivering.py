"""One delivery to a backend, tried a few times; what it refuses for good is counted by reason and let go."""

import logging
import time
from collections.abc import Callable

from recommendations.events.refusals import refusals
from recommendations.exceptions import RecommendationsError

logger = logging.getLogger(__name__)

TRIES = 3
PAUSE_S = 0.2


def deliver(
    send: Callable[[], None],
    n_records: int,
    *,
    pause_s: float = PAUSE_S,
    passed_on: tuple[type[RecommendationsError], ...] = (),
) -> bool:
    """Return whether the backend took some records, or never will.

    Args:
        send: hands them over.
        n_records: how many, for the count of what was refused.
        pause_s: before the second try, twice as long before the third.
        passed_on: refusals that are the caller's to count.
    """
    for attempt in range(TRIES):
        try:
            send()
        except passed_on:
            raise
        except RecommendationsError as error:
            if not error.retryable:
                # A tracker that is gone or refuses these for good would hold them for ever.
                refusals.add("trackers", error.code, n_records)
                logger.warning("A backend refuses records for good.", extra={"code": error.code, "error": str(error)})
                return True
            logger.warning("A backend did not take records.", extra={"code": error.code})
            if attempt < TRIES - 1:
                time.sleep(pause_s * 2**attempt)
        else:
            return True
    return False
