"""The embedded backend's runtime: a memory-mapped model, a shopper's past and its live events, in this process."""

import uuid
from collections.abc import Mapping, Sequence
from heapq import merge
from operator import attrgetter

from recommendations.adapters.embedded.campaigns import OpenCampaigns, Serving
from recommendations.adapters.embedded.rings import read_events
from recommendations.engine.interactions import Event
from recommendations.exceptions import InvalidInput
from recommendations.ports import NO_VALUES, RecommendationList

# Amazon Personalize API reference, GetRecommendations: the greatest numResults; GetPersonalizedRanking: of inputList.
MAX_K = 500
# More than the recipes look back at.
HISTORY_LENGTH = 100


class EmbeddedRuntime:
    """Implements `ports.Runtime`. Threads share what is open."""

    def __init__(self) -> None:
        self._campaigns = OpenCampaigns()

    def get_recommendations(
        self,
        campaign_arn: str,
        *,
        k: int,
        user_id: str = "",
        item_id: str = "",
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """Up to `k` items, by the model's past of the user and the events since, or by the item alone."""
        if not 1 <= k <= MAX_K:
            raise InvalidInput(f"k == {k}: ask for 1 to {MAX_K} items.")
        serving = self._campaigns.find(campaign_arn)
        _refuse_filter(filter_arn, filter_values)
        history = _history(serving, user_id)
        basis = _beside(item_id, history) if serving.relates_items else history
        lists, scores = serving.artifact.model.recommend([basis], k)
        return RecommendationList(tuple(lists[0]), uuid.uuid4().hex, tuple(scores[0].tolist()))

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """The given items, best first; those without a score keep their order at the end."""
        given = tuple(dict.fromkeys(item_ids))
        if len(given) > MAX_K:
            raise InvalidInput(f"item_ids has {len(given)} items: give at most {MAX_K}.")
        serving = self._campaigns.find(campaign_arn)
        _refuse_filter(filter_arn, filter_values)
        if serving.relates_items:
            raise InvalidInput(f"campaign_arn == {campaign_arn!r}: its recipe relates items and ranks for nobody.")
        if not given:
            return RecommendationList((), uuid.uuid4().hex)
        model = serving.artifact.model
        allowed = ~model.allow_all()
        allowed[model.indices_of(given)] = True
        lists, scores = model.recommend([_history(serving, user_id)], len(given), allowed)
        ranked = set(lists[0])
        rest = [item for item in given if item not in ranked]
        return RecommendationList((*lists[0], *rest), uuid.uuid4().hex, tuple(scores[0].tolist()))

    def forget(self) -> None:
        """Drop every artifact; the next request opens what it needs."""
        self._campaigns.forget()


def _history(serving: Serving, user_id: str) -> list[Event]:
    """The user's newest events, trained on or live, oldest first."""
    if not user_id:
        return []
    past = serving.artifact.histories.of(user_id) if serving.artifact.histories is not None else []
    live = read_events(serving.tracking_id, user_id) if serving.tracking_id else []
    return list(merge(past, live, key=attrgetter("timestamp")))[-HISTORY_LENGTH:]


def _beside(item_id: str, history: Sequence[Event]) -> Sequence[Event]:
    """The history of one item that a recipe relates others to."""
    return [Event(item_id, history[-1].timestamp if history else 0, "")] if item_id else history[-1:]


def _refuse_filter(filter_arn: str, filter_values: Mapping[str, str]) -> None:
    if filter_arn or filter_values:
        raise InvalidInput(f"filter_arn == {filter_arn!r}: no filter is applied yet; ask without one.")
