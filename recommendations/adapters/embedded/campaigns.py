"""Which artifact a campaign serves from: opened once, shared by threads, at most eight kept."""

import logging
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from django.db import DatabaseError

from recommendations import conf
from recommendations.adapters.embedded.arrived import Arrived
from recommendations.adapters.embedded.arriving import GROUP_TAKES_RECORDS, Arrivals, open_arrivals
from recommendations.adapters.embedded.connections import close_thread_connection
from recommendations.adapters.embedded.exploring import Explorer, open_explorer
from recommendations.adapters.embedded.filters import GroupFilters
from recommendations.adapters.embedded.following import open_activity
from recommendations.adapters.embedded.live_log import owner_of
from recommendations.engine.artifacts import Artifact, load
from recommendations.engine.exceptions import ArtifactCorrupt, UnknownRecipe
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.recipes import get_recipe
from recommendations.exceptions import BackendUnavailable, ResourceNotFound, ResourceNotReady
from recommendations.models.resources import Campaign, Status

logger = logging.getLogger(__name__)

# The live sides of a shop's rotations, and those that somebody looks at beside them; their files are mapped, not held.
MAX_ARTIFACTS = 8
# How long a campaign may go on serving a solution version after it was updated to another.
RECHECK_S = 10.0
# The same where its group takes no events: its tracker may be made at any moment, and be used the next.
RECHECK_UNTRACKED_S = 0.25


@dataclass(frozen=True, slots=True)
class Serving:
    """What a campaign serves from, and when its row was last looked at.

    Attributes:
        campaign_arn: whose.
        solution_version_arn: what it serves.
        recipe_kind: what the recipe answers, `RELATED_ITEMS` for example.
        tracking_id: where the group takes live events; empty where it takes none.
        exploration: the weight of chance, and the greatest age in days of items that it favours.
        artifact: the trained model and what lies beside it.
        filters: the group's, over that model's catalogue.
        explorer: what draws chances for the young items; None where nothing is explored.
        activity: what everybody did since the training; None where the model has no use of it.
        arrivals: what was put since the training; None where nothing is ever put.
        checked_at_s: by the monotonic clock.
    """

    campaign_arn: str
    solution_version_arn: str
    recipe_kind: str
    tracking_id: str
    exploration: tuple[float, float]
    artifact: Artifact
    filters: GroupFilters
    explorer: Explorer | None
    activity: LiveActivity | None
    arrivals: Arrivals | None
    checked_at_s: float

    @property
    def relates_items(self) -> bool:
        """Whether it answers for an item, not for a user."""
        return self.recipe_kind == "RELATED_ITEMS"

    def seen_by(self, user_id: str) -> LiveActivity | None:
        """What everybody else did since the training."""
        return self.activity.seen_by(owner_of(self.tracking_id, user_id)) if self.activity is not None else None

    def arrived(self) -> Arrived:
        """What was put since the training."""
        if self.arrivals is None:
            return Arrived(len(self.artifact.model.item_ids_))
        return self.arrivals.arrived()

    def is_fresh(self) -> bool:
        """Whether its row was looked at lately."""
        return time.monotonic() - self.checked_at_s < (RECHECK_S if self.tracking_id else RECHECK_UNTRACKED_S)


class OpenCampaigns:
    """The campaigns that this process serves."""

    def __init__(self) -> None:
        self._serving: OrderedDict[str, Serving] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def find(self, campaign_arn: str) -> Serving:
        """Return what the campaign serves from, opened where it is not.

        Raises:
            ResourceNotFound, ResourceNotReady: it cannot serve.
            BackendUnavailable: it was never looked up, and PostgreSQL does not answer.
        """
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

    def arns(self) -> list[str]:
        """Return what is open, least lately asked first."""
        with self._lock:
            return list(self._serving)

    def look_again(self, campaign_arn: str) -> None:
        """Look the campaign's row up at the next request: somebody knows that it changed."""
        known = self._known(campaign_arn)
        if known is not None:
            self._keep(replace(known, checked_at_s=-math.inf))

    def forget(self) -> None:
        """Drop every artifact; the next request opens what it needs."""
        with self._lock:
            self._serving.clear()

    def _open(self, campaign_arn: str) -> Serving:
        known = self._known(campaign_arn)
        if known is not None and known.is_fresh():
            return known
        try:
            campaign = _look_up(campaign_arn)
        except DatabaseError as error:
            if known is None:
                raise BackendUnavailable(f"{campaign_arn} cannot be looked up: {error}") from error
            return self._keep(replace(known, checked_at_s=time.monotonic()))
        if known is not None and campaign.solution_version.arn == known.solution_version_arn:
            return self._keep(_go_on(known, campaign))
        return self._keep(_load(campaign))

    def _known(self, campaign_arn: str) -> Serving | None:
        with self._lock:
            serving = self._serving.get(campaign_arn)
            if serving is not None:
                self._serving.move_to_end(campaign_arn)
            return serving

    def _keep(self, serving: Serving) -> Serving:
        with self._lock:
            self._serving[serving.campaign_arn] = serving
            self._serving.move_to_end(serving.campaign_arn)
            while len(self._serving) > MAX_ARTIFACTS:
                self._serving.popitem(last=False)
        return serving


def _look_up(campaign_arn: str) -> Campaign:
    try:
        campaign = (
            Campaign.objects.select_related("solution_version__solution__dataset_group__event_tracker")
            .annotate(takes_records=GROUP_TAKES_RECORDS)
            .filter(arn=campaign_arn)
            .first()
        )
    finally:
        close_thread_connection()
    if campaign is None:
        raise ResourceNotFound(f"campaign_arn == {campaign_arn!r}: there is no such campaign.")
    if campaign.status != Status.ACTIVE:
        raise ResourceNotReady(f"{campaign_arn} is {campaign.status}.")
    return campaign


def _go_on(known: Serving, campaign: Campaign) -> Serving:
    """Serve the same version, with what else its row says now."""
    tracking_id, exploration = _tracking_id(campaign), _exploration(campaign)
    # A dataset that can be put into may be made after its group's campaigns were opened.
    arrivals = known.arrivals or open_arrivals(known.artifact, campaign)
    checked = replace(known, arrivals=arrivals, checked_at_s=time.monotonic())
    if (tracking_id, exploration, arrivals) == (known.tracking_id, known.exploration, known.arrivals):
        return checked
    is_followed = tracking_id == known.tracking_id
    return replace(
        checked,
        tracking_id=tracking_id,
        exploration=exploration,
        explorer=_open_explorer(known.artifact, tracking_id, campaign, arrivals),
        activity=known.activity if is_followed else open_activity(tracking_id, known.artifact.model),
    )


def _tracking_id(campaign: Campaign) -> str:
    tracker = getattr(campaign.solution_version.solution.dataset_group, "event_tracker", None)
    return tracker.tracking_id if tracker else ""


def _open_explorer(
    artifact: Artifact, tracking_id: str, campaign: Campaign, arrivals: Arrivals | None
) -> Explorer | None:
    return open_explorer(artifact, tracking_id, campaign, takes_newcomers=arrivals is not None)


def _exploration(campaign: Campaign) -> tuple[float, float]:
    return campaign.exploration_weight, campaign.exploration_age_cut_off_days


def _load(campaign: Campaign) -> Serving:
    version = campaign.solution_version
    solution = version.solution
    started_s = time.monotonic()
    try:
        # Training has just written and synced it; checking every byte again would make the first shopper wait.
        artifact = load(conf.artifacts_dir() / version.artifact_path, verify=False)
        recipe = get_recipe(solution.recipe)
    except (ArtifactCorrupt, UnknownRecipe) as error:
        raise ResourceNotReady(f"{campaign.arn}: {error}") from error
    tracking_id, arrivals = _tracking_id(campaign), open_arrivals(artifact, campaign)
    logger.info(
        "campaign opened",
        extra={"campaign": campaign.arn, "took_ms": round((time.monotonic() - started_s) * 1000, 1)},
    )
    return Serving(
        campaign.arn,
        version.arn,
        recipe.kind,
        tracking_id,
        _exploration(campaign),
        artifact,
        GroupFilters(solution.dataset_group_id, artifact),
        _open_explorer(artifact, tracking_id, campaign, arrivals),
        open_activity(tracking_id, artifact.model),
        arrivals,
        time.monotonic(),
    )
