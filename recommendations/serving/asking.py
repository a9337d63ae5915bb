"""One question to a rotation's live campaign: under deadline and breaker, counted, and never an exception."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from recommendations import monitoring
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import RecommendationsError
from recommendations.ports import RecommendationList, Runtime
from recommendations.serving.breaker import guarded
from recommendations.serving.live import live_campaign

logger = logging.getLogger(__name__)

# What a fault of no code of its own is called.
UNEXPECTED = "unexpected"

Question = Callable[[Runtime, str], RecommendationList]


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
        question: asks the runtime about the campaign of this ARN.

    Returns:
        The answer or why there is none; never an error.
    """
    live = live_campaign(rotation)
    if live is None:
        return Asked()
    runtime = get_backend(live.backend).runtime
    began_s, failed = time.perf_counter(), ""
    try:
        answer = guarded(lambda: question(runtime, live.campaign_arn), key=rotation)
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
