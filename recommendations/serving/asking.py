"""One question to a rotation's live campaign: under deadline and breaker, counted, and never an exception."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommendations import monitoring
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import RecommendationsError
from recommendations.ports import RecommendationList, Runtime
from recommendations.serving.breaker import guarded
from recommendations.serving.live import LiveView, live_campaign

logger = logging.getLogger(__name__)

# What a fault of no code of its own is called.
UNEXPECTED = "unexpected"

# The shop takes some away, so the backend is asked for more than the page shows; no backend gives more than the most.
CANDIDATES_PER_ITEM = 4
MAX_CANDIDATES = 500

Question = Callable[[Runtime, LiveView], RecommendationList]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: the campaign's answer, or None with the code of the failure, or with none where none is live."""

    campaign_arn: str = ""
    answer: RecommendationList | None = None
    error: str = ""


def ask(rotation: str, question: Question) -> Asked:
    """Put a question to the campaign that is live for a rotation.

    Args:
        rotation: the key of the rotation.
        question: asks the runtime about the live campaign.

    Returns:
        The answer or why there is none; never an error.
    """
    live = live_campaign(rotation)
    if live is None:
        return Asked()
    runtime = get_backend(live.backend).runtime
    began_s, failed = time.perf_counter(), ""
    try:
        answer = guarded(lambda: question(runtime, live), key=rotation)
    except RecommendationsError as error:
        failed = error.code
        logger.warning(
            "The recommender did not answer; a lower rung serves.",
            extra={"rotation": rotation, "campaign": live.campaign_arn, "code": error.code, "error": str(error)},
        )
    except Exception:
        # Serving never fails: a fault inside a backend costs the row its personal list, not the page.
        failed = UNEXPECTED
        logger.exception("The recommender failed; a lower rung serves.", extra={"rotation": rotation})
    else:
        return Asked(live.campaign_arn, answer)
    finally:
        monitoring.backend_called(live.backend, time.perf_counter() - began_s, error=failed)
    return Asked(live.campaign_arn, error=failed)


def ask_for(
    rotation: str,
    k: int,
    keep: Callable[[Sequence[str]], list[str]],
    n_kept_out: int,
    *,
    user_id: str = "",
    item_id: str = "",
) -> tuple[Asked, list[str]]:
    """Ask the live campaign for items, and again for all it has where too few of them may be shown.

    Args:
        rotation: the key of the rotation.
        k: how many items the page shows.
        keep: those of the campaign's items that may be shown, at most `k`.
        n_kept_out: how many items at most are taken away for the shopper's sake.
        user_id: the recommender's user.
        item_id: the item beside which they are shown.

    Returns:
        What came of the last question, and the items to show; fewer than `k` only where the campaign has no more.
    """
    n_wanted = min(MAX_CANDIDATES, k * CANDIDATES_PER_ITEM + n_kept_out)
    asked, chosen = _ask_once(rotation, n_wanted, keep, user_id, item_id)
    # One that gave less than it was asked for has no more to give.
    if asked.answer and len(chosen) < k and n_wanted <= len(asked.answer.item_ids) < MAX_CANDIDATES:
        again, more = _ask_once(rotation, MAX_CANDIDATES, keep, user_id, item_id)
        if again.answer and len(more) > len(chosen):
            return again, more
    return asked, chosen


def _ask_once(
    rotation: str, n_wanted: int, keep: Callable[[Sequence[str]], list[str]], user_id: str, item_id: str
) -> tuple[Asked, list[str]]:
    asked = ask(
        rotation,
        lambda runtime, live: runtime.get_recommendations(
            live.campaign_arn, k=n_wanted, user_id=user_id, item_id=item_id, filter_arn=live.filter_arn
        ),
    )
    return asked, keep(asked.answer.item_ids) if asked.answer else []
