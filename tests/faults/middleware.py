"""Plants faults in a running shop: slower homepages, recommenders that fail."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recommendations.adapters import registry
from recommendations.exceptions import BackendUnavailable
from recommendations.ports import NO_VALUES, RecommendationList, Runtime
from storefront.page_view import PageView
from tests.faults.plan import FaultFile

HOME = "/"


class PlantedFaults:
    """Innermost of the middlewares, of one web process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._file = FaultFile(Path(settings.WORLD_DIR))
        for name, backend in registry.BACKENDS.items():
            if not isinstance(backend.runtime, FailingRuntime):
                registry.BACKENDS[name] = replace(backend, runtime=FailingRuntime(backend.runtime, self._file))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != HOME:
            return self._get_response(request)
        plan, began_s = self._file.read(), time.monotonic()
        time.sleep(plan.page_s)
        response = self._get_response(request)
        if plan.treated_page_share and not PageView.of(request).assignment.is_control:
            time.sleep(plan.treated_page_share * (time.monotonic() - began_s))
        return response


class FailingRuntime:
    """A backend's runtime that fails now and then."""

    def __init__(self, runtime: Runtime, file: FaultFile) -> None:
        self._runtime = runtime
        self._file = file

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
        self._fail_sometimes()
        return self._runtime.get_recommendations(
            campaign_arn,
            k=k,
            user_id=user_id,
            item_id=item_id,
            filter_arn=filter_arn,
            filter_values=filter_values,
        )

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        self._fail_sometimes()
        return self._runtime.get_personalized_ranking(
            campaign_arn, user_id=user_id, item_ids=item_ids, filter_arn=filter_arn, filter_values=filter_values
        )

    def _fail_sometimes(self) -> None:
        if random.random() < self._file.read().row_error_share:
            raise BackendUnavailable("Planted by a test.")
