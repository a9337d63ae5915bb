"""A recommender at the port that answers, hangs or fails as a test tells it."""

import time
from collections.abc import Mapping, Sequence
from typing import cast

from recommendations.ports import NO_VALUES, Backend, ControlPlane, EventSink, RecommendationList


class FakeRuntime:
    def __init__(
        self,
        item_ids: Sequence[str] = (),
        *,
        error: Exception | None = None,
        takes_s: float = 0.0,
        because: Mapping[str, str] = NO_VALUES,
        is_general: bool = False,
    ) -> None:
        self.item_ids = tuple(item_ids)
        self.because = because
        self.is_general = is_general
        self.asked_beside: list[str] = []
        self.error = error
        self.takes_s = takes_s
        self.n_calls = 0
        self.asked: list[int] = []
        self.filters: list[str] = []

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
        self.asked.append(k)
        self.filters.append(filter_arn)
        self._answer()
        self.asked_beside.append(item_id)
        return RecommendationList(self.item_ids[:k], "RID-fake", because=self.because, is_general=self.is_general)

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        self._answer()
        first = [item_id for item_id in self.item_ids if item_id in item_ids]
        return RecommendationList((*first, *(each for each in item_ids if each not in first)), "RID-fake")

    def _answer(self) -> None:
        self.n_calls += 1
        time.sleep(self.takes_s)
        if self.error is not None:
            raise self.error


def backend_of(runtime: FakeRuntime) -> Backend:
    """A backend whose runtime is the given one; nothing else of it may be asked."""
    return Backend("fake", cast("ControlPlane", None), runtime, cast("EventSink", None))
