"""The runtime of Amazon Personalize: one question, one answer, within the page's deadline."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommendations.adapters.personalize.clients import runtime
from recommendations.exceptions import BackendUnavailable, InvalidInput
from recommendations.ports import NO_VALUES, RecommendationList

# Amazon Personalize API reference: the greatest numResults, and the longest inputList.
MAX_K = 500


class PersonalizeRuntime:
    """Implements `ports.Runtime` over boto3; it asks once and explains nothing."""

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
        """Up to `k` items, best first; a recipe that relates items must be given one."""
        if not 1 <= k <= MAX_K:
            raise InvalidInput(f"k == {k}: ask for 1 to {MAX_K} items.")
        asked = _given(userId=user_id, itemId=item_id, filterArn=filter_arn, filterValues=dict(filter_values))
        answer = runtime("get_recommendations", campaignArn=campaign_arn, numResults=k, **asked)
        return _read(answer, "itemList")

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """The given items, best first; unknown ones come last."""
        given = list(dict.fromkeys(item_ids))
        if len(given) > MAX_K:
            raise InvalidInput(f"item_ids has {len(given)} items: give at most {MAX_K}.")
        if not given:
            # Personalize refuses an empty list.
            return RecommendationList((), "")
        asked = _given(filterArn=filter_arn, filterValues=dict(filter_values))
        answer = runtime("get_personalized_ranking", campaignArn=campaign_arn, userId=user_id, inputList=given, **asked)
        return _read(answer, "personalizedRanking")


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _read(answer: Mapping[str, Any], member: str) -> RecommendationList:
    """Read the list of an answer.

    Raises:
        BackendUnavailable: there is none, or an item of it has no id.
    """
    items = answer.get(member)
    if not isinstance(items, list) or not all(isinstance(each, dict) and each.get("itemId") for each in items):
        raise BackendUnavailable(f"The answer has no {member} that can be read.")
    scores = []
    for each in items:
        if each.get("score") is None:
            break
        scores.append(float(each["score"]))
    return RecommendationList(
        tuple(each["itemId"] for each in items), str(answer.get("recommendationId") or ""), tuple(scores)
    )
