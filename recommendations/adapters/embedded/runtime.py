"""The embedded backend's runtime: a memory-mapped model, a shopper's past and its live events, in this process."""

import logging
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, replace
from heapq import merge
from operator import attrgetter

from django.db import DatabaseError, connection

from recommendations import conf
from recommendations.adapters.embedded.rings import read_events
from recommendations.engine.artifacts import Artifact, load
from recommendations.engine.exceptions import ArtifactCorrupt
from recommendations.exceptions import BackendUnavailable, InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.models.resources import Campaign, Status
from recommendations.ports import RecommendationList

logger = logging.getLogger(__name__)

MAX_ARTIFACTS = 4
# Amazon Personalize API reference, GetRecommendations: the greatest numResults.
MAX_K = 500
# More than the recipes look back at.
HISTORY_LENGTH = 100
# How long a campaign may go on serving a solution version after it was updated to another.
RECHECK_S = 10.0


@dataclass(frozen=True, slots=True)
class _Serving:
    """What a campaign serves from, and when its row was last looked at."""

    solution_version_arn: str
    tracking_id: str
    artifact: Artifact
    checked_at_s: float

    def is_fresh(self) -> bool:
        return time.monotonic() - self.checked_at_s < RECHECK_S


class EmbeddedRuntime:
    """Implements `ports.Runtime`. Threads share the artifacts; each is opened once and at most four are kept."""

    def __init__(self) -> None:
        self._serving: OrderedDict[str, _Serving] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def get_recommendations(self, campaign_arn: str, *, user_id: str, k: int) -> RecommendationList:
        """Up to `k` items for the user, by the model's past of the user and the events since."""
        if not 1 <= k <= MAX_K:
            raise InvalidInput(f"k == {k}: ask for 1 to {MAX_K} items.")
        serving = self._find(campaign_arn)
        past = serving.artifact.histories.of(user_id) if serving.artifact.histories is not None else []
        live = read_events(serving.tracking_id, user_id) if serving.tracking_id else []
        history = list(merge(past, live, key=attrgetter("timestamp")))[-HISTORY_LENGTH:]
        lists, scores = serving.artifact.model.recommend([history], k)
        return RecommendationList(tuple(lists[0]), uuid.uuid4().hex, tuple(scores[0].tolist()))

    def forget(self) -> None:
        """Drop every artifact; the next request opens what it needs."""
        with self._lock:
            self._serving.clear()

    def _find(self, campaign_arn: str) -> _Serving:
        known = self._known(campaign_arn)
        if known is not None and known.is_fresh():
            return known
        if known is None:
            with self._loading:
                return self._open(campaign_arn)
        # One thread rechecks; whoever comes meanwhile goes on with what there is.
        if not self._loading.acquire(blocking=False):
            return known
        try:
            return self._open(campaign_arn)
        finally:
            self._loading.release()

    def _open(self, campaign_arn: str) -> _Serving:
        known = self._known(campaign_arn)
        if known is not None and known.is_fresh():
            return known
        try:
            campaign = _look_up(campaign_arn)
        except DatabaseError as error:
            if known is None:
                raise BackendUnavailable(f"{campaign_arn} cannot be looked up: {error}") from error
            return self._keep(campaign_arn, replace(known, checked_at_s=time.monotonic()))
        if known is not None and campaign.solution_version.arn == known.solution_version_arn:
            return self._keep(campaign_arn, replace(known, checked_at_s=time.monotonic()))
        return self._keep(campaign_arn, _load(campaign))

    def _known(self, campaign_arn: str) -> _Serving | None:
        with self._lock:
            serving = self._serving.get(campaign_arn)
            if serving is not None:
                self._serving.move_to_end(campaign_arn)
            return serving

    def _keep(self, campaign_arn: str, serving: _Serving) -> _Serving:
        with self._lock:
            self._serving[campaign_arn] = serving
            self._serving.move_to_end(campaign_arn)
            while len(self._serving) > MAX_ARTIFACTS:
                self._serving.popitem(last=False)
        return serving


def _look_up(campaign_arn: str) -> Campaign:
    try:
        campaign = (
            Campaign.objects.select_related("solution_version__solution__dataset_group__event_tracker")
            .filter(arn=campaign_arn)
            .first()
        )
    finally:
        # Under a deadline this runs in a thread that no request ends, whose connection nobody else would close.
        if threading.current_thread() is not threading.main_thread() and not connection.in_atomic_block:
            connection.close()
    if campaign is None:
        raise ResourceNotFound(f"campaign_arn == {campaign_arn!r}: there is no such campaign.")
    if campaign.status != Status.ACTIVE:
        raise ResourceNotReady(f"{campaign_arn} is {campaign.status}.")
    return campaign


def _load(campaign: Campaign) -> _Serving:
    version = campaign.solution_version
    started_s = time.monotonic()
    try:
        # Training has just written and synced it; checking every byte again would make the first shopper wait.
        artifact = load(conf.artifacts_dir() / version.artifact_path, verify=False)
    except ArtifactCorrupt as error:
        raise ResourceNotReady(f"{campaign.arn}: {error}") from error
    tracker = getattr(version.solution.dataset_group, "event_tracker", None)
    logger.info(
        "campaign opened",
        extra={"campaign": campaign.arn, "took_ms": round((time.monotonic() - started_s) * 1000, 1)},
    )
    return _Serving(version.arn, tracker.tracking_id if tracker else "", artifact, time.monotonic())
