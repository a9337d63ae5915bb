"""Recommendations and rankings, as campaigns and recommenders give them."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations.adapters.embedded.backend import RUNTIME
from recommendations.ports import RecommendationList
from recommendations.server.limits import (
    MAX_INPUT_LIST,
    MAX_METADATA_COLUMNS,
    MAX_NUM_RESULTS,
    MAX_NUM_RESULTS_WITH_METADATA,
)
from recommendations.server.served import Served, find_served
from recommendations.server.wire.faults import invalid
from recommendations.server.wire.reading import Parameters

DEFAULT_NUM_RESULTS = 25
PROMOTED = "Promoted item"

# An item's id and its score, where it has one.
Scored = tuple[str, float | None]


def get_recommendations(parameters: Parameters) -> dict[str, Any]:
    """Recommend items for a user, beside an item, or for everybody, as the recipe answers."""
    served = _find(parameters)
    k = _num_results(parameters)
    columns = _metadata_columns(parameters, served)
    user_id, item_id = _who_asks(parameters, served)
    filter_arn, values = _filter(parameters, served)
    answer = RUNTIME.get_recommendations(
        served.campaign_arn,
        k=MAX_NUM_RESULTS if _hides_more(served, filter_arn) else k,
        # Scores are shares of all there are; the first few hundred hold what can be seen of them.
        n_totalled=MAX_NUM_RESULTS,
        user_id=user_id,
        item_id=item_id,
        filter_arn=filter_arn,
        filter_values=values,
    )
    scored = _unhidden(_scored(answer, served), served, user_id, filter_arn)
    listed = [_Listed(item) for item in scored[:k]]
    for promotion in parameters.get("promotions", ()):
        listed = _promote(promotion, listed, served, answer.recommendation_id, k, user_id, item_id)
    RUNTIME.remember_list(served.campaign_arn, answer.recommendation_id, [one.item_id for one in listed])
    return {"itemList": _described(listed, served, columns), "recommendationId": answer.recommendation_id}


def get_personalized_ranking(parameters: Parameters) -> dict[str, Any]:
    """Put a list of items into a user's order; unknown ones come last, without a score."""
    served = find_served(parameters["campaignArn"])
    given = parameters["inputList"]
    if not 1 <= len(given) <= MAX_INPUT_LIST:
        raise invalid(f"inputList has {len(given)} items; give 1 to {MAX_INPUT_LIST}.")
    if served.recipe_kind not in {"PERSONALIZED_RANKING", "USER_PERSONALIZATION"}:
        raise invalid(f"campaignArn == {served.campaign_arn!r}: its recipe does not rank for users.")
    if not parameters["userId"]:
        raise invalid("userId: it is empty; say for whom to rank.")
    columns = _metadata_columns(parameters, served)
    filter_arn, values = _filter(parameters, served)
    answer = RUNTIME.get_personalized_ranking(
        served.campaign_arn,
        user_id=parameters["userId"],
        item_ids=given,
        filter_arn=filter_arn,
        filter_values=values,
    )
    ranked = [_Listed(item) for item in _scored(answer, served)]
    RUNTIME.remember_list(served.campaign_arn, answer.recommendation_id, answer.item_ids)
    return {"personalizedRanking": _described(ranked, served, columns), "recommendationId": answer.recommendation_id}


@dataclass(frozen=True, slots=True)
class _Listed:
    item: Scored
    promotion: str = ""

    @property
    def item_id(self) -> str:
        return self.item[0]


def _find(parameters: Parameters) -> Served:
    given = [parameters[name] for name in ("campaignArn", "recommenderArn") if parameters.get(name)]
    if len(given) != 1:
        raise invalid("campaignArn, recommenderArn: give one of them.")
    return find_served(given[0])


def _num_results(parameters: Parameters) -> int:
    k: int = parameters.get("numResults", DEFAULT_NUM_RESULTS)
    limit = MAX_NUM_RESULTS_WITH_METADATA if parameters.get("metadataColumns") else MAX_NUM_RESULTS
    if k > limit:
        raise invalid(f"numResults == {k}: ask for at most {limit}.")
    return k


def _who_asks(parameters: Parameters, served: Served) -> tuple[str, str]:
    user_id, item_id = parameters.get("userId", ""), parameters.get("itemId", "")
    if served.recipe_kind == "PERSONALIZED_RANKING":
        raise invalid("campaignArn: its recipe ranks lists; ask it by GetPersonalizedRanking.")
    if served.recipe_kind == "USER_PERSONALIZATION" and not user_id:
        raise invalid("userId: it is missing; campaigns of this recipe recommend for a user.")
    if served.recipe_kind == "RELATED_ITEMS" and not item_id:
        raise invalid("itemId: it is missing; campaigns of this recipe recommend beside an item.")
    return user_id, item_id


def _filter(parameters: Parameters, served: Served) -> tuple[str, Mapping[str, str]]:
    arn, values = parameters.get("filterArn", ""), parameters.get("filterValues", {})
    if values and not arn:
        raise invalid("filterValues: give the filterArn that they are for.")
    return arn or served.filter_arn, values


def _scored(answer: RecommendationList, served: Served) -> list[Scored]:
    """Each item with its share of all scores; without one where Amazon gives none."""
    n_scored = len(answer.scores)
    total = answer.scores_total or math.fsum(answer.scores)
    shares: list[float | None] = [None] * len(answer.item_ids)
    if served.gives_scores and total > 0:
        shares[:n_scored] = [score / total for score in answer.scores]
    return list(zip(answer.item_ids, shares, strict=True))


def _hides_more(served: Served, filter_arn: str) -> bool:
    """Whether a recommender hides what the filter that was asked for lets pass."""
    return bool(served.filter_arn) and filter_arn != served.filter_arn


def _unhidden(scored: list[Scored], served: Served, user_id: str, filter_arn: str) -> list[Scored]:
    """Leave out what a recommender always hides, where the list passed another filter than that of its own."""
    if not _hides_more(served, filter_arn) or not scored:
        return scored
    passing = RUNTIME.get_personalized_ranking(
        served.campaign_arn,
        user_id=user_id,
        item_ids=[item_id for item_id, _ in scored],
        filter_arn=served.filter_arn,
    )
    kept = set(passing.item_ids)
    return [one for one in scored if one[0] in kept]


def _promote(
    promotion: Mapping[str, Any],
    listed: list[_Listed],
    served: Served,
    recommendation_id: str,
    k: int,
    user_id: str,
    item_id: str,
) -> list[_Listed]:
    """Put items that pass the promotion's filter at places drawn anew for each answer."""
    n_promoted = round(k * promotion.get("percentPromotedItems", 0) / 100)
    if not promotion.get("filterArn"):
        raise invalid("promotions.1.member.filterArn: it is missing; it says what is promoted.")
    if not n_promoted:
        return listed
    answer = RUNTIME.get_recommendations(
        served.campaign_arn,
        # Some of them may be hidden.
        k=MAX_NUM_RESULTS if served.filter_arn else n_promoted,
        user_id=user_id,
        item_id=item_id,
        filter_arn=promotion["filterArn"],
        filter_values=promotion.get("filterValues", {}),
    )
    name = promotion.get("name", "")
    scored = _unhidden(_scored(answer, served), served, user_id, promotion["filterArn"])[:n_promoted]
    promoted = [_Listed(item, name or PROMOTED) for item in scored]
    ids = {one.item_id for one in promoted}
    others = [one for one in listed if one.item_id not in ids][: k - len(promoted)]
    merged = list(others)
    draw = random.Random(recommendation_id)
    for one in promoted:
        merged.insert(draw.randint(0, len(merged)), one)
    return merged


def _metadata_columns(parameters: Parameters, served: Served) -> tuple[str, ...]:
    asked = parameters.get("metadataColumns", {})
    if not asked:
        return ()
    if set(asked) != {"ITEMS"}:
        raise invalid("metadataColumns: only ITEMS has metadata; give {'ITEMS': [...]}.")
    columns = tuple(asked["ITEMS"])
    if len(columns) > MAX_METADATA_COLUMNS:
        raise invalid(f"metadataColumns.ITEMS has {len(columns)} columns; give at most {MAX_METADATA_COLUMNS}.")
    if not served.has_metadata:
        raise invalid("metadataColumns: the campaign was made without enableMetadataWithRecommendations.")
    unknown = [name for name in columns if name not in served.metadata_columns]
    if unknown:
        raise invalid(f"metadataColumns.ITEMS: the Items dataset has no column {unknown[0]!r}.")
    return columns


def _described(listed: Sequence[_Listed], served: Served, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "itemId": one.item_id,
            "score": one.item[1],
            "promotionName": one.promotion or None,
            "reason": [PROMOTED] if one.promotion else None,
            "metadata": served.metadata_of(one.item_id, columns) if columns else None,
        }
        for one in listed
    ]
