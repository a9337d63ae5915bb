"""PURE: tells programs from people by how they browse, never by what they are called."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, pstdev

# Whoever is at it without a pause: thirty product pages in less than thirty seconds.
RATE_VIEWS, RATE_WITHIN_S = 30, 30.0
# People's pauses differ by about as much as they last (lognormal dwelling: standard deviation / mean near 1); a timer's
# do not. Only pauses within a visit count, and only where there are enough of them.
MIN_PAUSES, MAX_PAUSE_S, MIN_VARIATION = 40, 1_800.0, 0.2
# More product pages in a day than anybody reads.
DAY_S, MAX_VIEWS_A_DAY = 86_400.0, 1_000
# A shopper with more interactions than this in a window is no person; it also bounds what is held of one shopper.
MAX_INTERACTIONS = 50_000

VIEW = "product_view"


def why_bot(views: Sequence[float]) -> str:
    """Return which habit gives a program away; empty for what may be a person.

    Only product views are looked at: a wholesaler's invoice of a hundred lines is one honest second.

    Args:
        views: epoch seconds of one shopper's product views, with fractions, ascending.

    Source:
        Tan and Kumar, "Discovery of Web Robot Sessions Based on their Navigational Patterns" (2002): rate, volume and
        regularity of requests tell robots from people; the bounds are this shop's own.
    """
    if _any_within(views, RATE_VIEWS, RATE_WITHIN_S):
        return "rate"
    if _any_within(views, MAX_VIEWS_A_DAY, DAY_S):
        return "volume"
    if len(views) > MIN_PAUSES and _is_regular(views):
        return "regularity"
    return ""


def _any_within(views: Sequence[float], n: int, seconds: float) -> bool:
    return any(last - first < seconds for first, last in zip(views, views[n - 1 :], strict=False))


def _is_regular(views: Sequence[float]) -> bool:
    pauses = [later - earlier for earlier, later in pairwise(views) if later - earlier < MAX_PAUSE_S]
    if len(pauses) < MIN_PAUSES:
        return False
    mean = fmean(pauses)
    return mean > 0 and pstdev(pauses, mean) / mean < MIN_VARIATION
