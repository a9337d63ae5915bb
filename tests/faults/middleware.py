"""Plants faults in a running shop: slower homepages, recommenders that fail."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recommendations.adapters import registry
from recommendations.exceptions import BackendUnavailable
from recommendations.ports import RecommendationList, Runtime
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
        plan = self._file.read()
        if request.path == HOME and plan.page_s:
            is_treated = not PageView.of(request).assignment.is_control
            time.sleep(plan.page_s * (1 + plan.treated_page_share * is_treated))
        return self._get_response(request)


class FailingRuntime:
    """A backend's runtime that fails now and then."""

    def __init__(self, runtime: Runtime, file: FaultFile) -> None:
        self._runtime = runtime
        self._file = file

    def get_recommendations(self, campaign_arn: str, *, user_id: str, k: int) -> RecommendationList:
        if random.random() < self._file.read().row_error_share:
            raise BackendUnavailable("Planted by a test.")
        return self._runtime.get_recommendations(campaign_arn, user_id=user_id, k=k)
