"""Somebody else's list in the shopper's own order: a search result or a category, by a rotation that ranks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.cache import cache

from recommendations.ports import Shopper
from recommendations.serving.asking import ask

# Amazon Personalize API reference, GetPersonalizedRanking: the most items of an inputList.
MOST_RANKED = 500
# Long enough to leaf through the pages of one list.
KEPT_FOR_S = 600


@dataclass(frozen=True, slots=True)
class Ranked:
    """The same items in another order; in their own where `is_personal` is false.

    `error` is the code of what the recommender failed with, where it was asked and failed.
    """

    item_ids: tuple[str, ...]
    is_personal: bool
    rotation: str = ""
    campaign_arn: str = ""
    backend_recommendation_id: str = ""
    error: str = ""


def rank_for(
    shopper: Shopper, item_ids: Sequence[str], *, rotation: str, list_key: str = "", goes_on: bool = False
) -> Ranked:
    """The items in the shopper's order.

    Args:
        shopper: who looks; `shopper_key` is the recommender's USER_ID.
        item_ids: distinct items in the list's own order; the first 500 are ranked, the rest stay behind them.
        rotation: the key of the rotation whose live campaign ranks.
        list_key: names the list, so that its order is kept for whoever leafs on.
        goes_on: whether this is a later page of a list; its order is then the one that its first page had, where that
            was lately, so that nothing is shown twice or passed over because of what was looked at in between.

    Returns:
        All of the items, each once; never an error.
    """
    head, rest = tuple(item_ids[:MOST_RANKED]), tuple(item_ids[MOST_RANKED:])
    if not shopper.is_tracked or not head:
        return Ranked((*head, *rest), is_personal=False, rotation=rotation)
    kept = _kept(shopper, rotation, list_key) if goes_on else None
    if kept is not None:
        return _with(kept, head, rest)
    asked = ask(
        rotation,
        lambda runtime, live: runtime.get_personalized_ranking(
            live.campaign_arn, user_id=shopper.shopper_key, item_ids=head
        ),
    )
    if asked.answer is None or not asked.answer.item_ids:
        return Ranked(
            (*head, *rest), is_personal=False, rotation=rotation, campaign_arn=asked.campaign_arn, error=asked.error
        )
    answer = asked.answer
    if list_key:
        kept_values = (list_key, rotation, asked.campaign_arn, answer.recommendation_id, answer.item_ids)
        cache.set(_key(shopper.shopper_key), kept_values, KEPT_FOR_S)
    return _with(_personal(rotation, asked.campaign_arn, answer.recommendation_id, answer.item_ids), head, rest)


def forget_order(shopper_key: str) -> None:
    """Drop the order that is kept for a shopper's next page; a cache out of reach drops it within minutes."""
    cache.delete(_key(shopper_key))


def _with(ranked: Ranked, head: Sequence[str], rest: Sequence[str]) -> Ranked:
    """The same answer for these items: what it does not name follows it, what is not among them is left out."""
    wanted = set(head)
    first = [item_id for item_id in dict.fromkeys(ranked.item_ids) if item_id in wanted]
    named = set(first)
    others = [item_id for item_id in head if item_id not in named]
    return replace(ranked, item_ids=(*first, *others, *rest))


def _kept(shopper: Shopper, rotation: str, list_key: str) -> Ranked | None:
    """What the shopper was shown of this list a few minutes ago; one list is kept for each shopper, the last."""
    kept = cache.get(_key(shopper.shopper_key))
    if kept is None or kept[:2] != (list_key, rotation):
        return None
    return _personal(*kept[1:])


def _personal(rotation: str, campaign_arn: str, backend_recommendation_id: str, item_ids: tuple[str, ...]) -> Ranked:
    return Ranked(
        item_ids,
        is_personal=True,
        rotation=rotation,
        campaign_arn=campaign_arn,
        backend_recommendation_id=backend_recommendation_id,
    )


def _key(shopper_key: str) -> str:
    return f"ranked:{shopper_key}"
