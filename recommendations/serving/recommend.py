"""The one question a page asks: which items for this shopper, and where did they come from."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from recommendations import items, monitoring
from recommendations.events import recent
from recommendations.models import Interaction
from recommendations.ports import RecommendationList, Shopper
from recommendations.serving import bought, fallback, filters
from recommendations.serving.asking import CANDIDATES_PER_ITEM, ask_for
from recommendations.serving.fallback import Rung

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """An answer that is never an error: items, the rung they came from, and the campaign behind them.

    `error` is the code of what the recommender failed with, where it was asked and failed. `because` names, for some of
    the items, the item of the shopper's history that pulled it up most.
    """

    item_ids: tuple[str, ...]
    rung: Rung
    rotation: str = ""
    campaign_arn: str = ""
    backend_recommendation_id: str = ""
    error: str = ""
    because: Mapping[str, str] = field(default_factory=dict, compare=False)


def has_history(shopper: Shopper) -> bool:
    """Whether the shop has seen this shopper do anything, live or in an import."""
    if not shopper.is_tracked:
        return False
    if recent.recent(shopper.shopper_key, 1):
        return True
    return Interaction.objects.filter(shopper_key=shopper.shopper_key).exists()


def recommended_for_you(
    shopper: Shopper, *, rotation: str, k: int, withheld: Collection[str] = frozenset(), is_shown: bool = True
) -> Served:
    """Up to `k` items for the shopper, topped up from the rungs below where the recommender has too few.

    Args:
        shopper: who asks; `shopper_key` is the recommender's USER_ID.
        rotation: the key of the rotation whose live campaign answers.
        k: how many items the page shows.
        withheld: items that the page shows elsewhere.
        is_shown: False for a list that is only compared with another: it is not counted, and not kept as a good one.

    Returns:
        Items and the highest rung that gave any. Viewed items may come again, bought ones may not.
    """
    kept_out = {*withheld, *bought.bought_items(shopper.shopper_key)}
    asked, chosen = ask_for(
        rotation, k, lambda item_ids: _keep(item_ids, k, kept_out), len(kept_out), user_id=shopper.shopper_key
    )
    answer = asked.answer
    if is_shown and answer and len(chosen) == k:
        fallback.remember_good(rotation, shopper.shopper_key, tuple(chosen))
    rung = Rung.PERSONAL if chosen else None
    for lower, candidates in fallback.rungs_below_personal(rotation, shopper.shopper_key, k * CANDIDATES_PER_ITEM):
        if len(chosen) == k:
            break
        more = _keep(candidates, k - len(chosen), kept_out | set(chosen))
        rung = rung or (lower if more else None)
        chosen += more
    backend_id = answer.recommendation_id if answer and rung is Rung.PERSONAL else ""
    if is_shown:
        monitoring.answered(rung or Rung.CATALOGUE)
    because = _explain(answer, chosen) if is_shown and answer else {}
    return Served(tuple(chosen), rung or Rung.CATALOGUE, rotation, asked.campaign_arn, backend_id, asked.error, because)


def _explain(answer: RecommendationList, chosen: Sequence[str]) -> dict[str, str]:
    """The history item behind each chosen item that has one. A reason that cannot be found costs no list."""
    try:
        return {item_id: answer.because[item_id] for item_id in chosen if item_id in answer.because}
    except Exception:
        logger.exception("The recommender could not explain its list.", extra={"code": "explanation_failed"})
        return {}


def _keep(candidates: Collection[str], k: int, withheld: Collection[str]) -> list[str]:
    return filters.keep(candidates, k=k, available=items.available_among(candidates), withheld=withheld)
