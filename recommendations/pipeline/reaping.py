"""The reaper: what stands at a backend that bills though nobody is shown it, found and deleted."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.adapters.personalize.costs import HOURS_A_MONTH
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import RecommendationsError
from recommendations.models import Deployment, LiveCampaign, RetrainRun, Rotation, Swap
from recommendations.pipeline.context import StepContext
from recommendations.pipeline.rotations import find_uses
from recommendations.pipeline.runs import active_run
from recommendations.pipeline.sides import NOT_BUILT, tear_down
from recommendations.serving.live import retire

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Idle:
    """What one run left at the backend, and nobody is shown.

    Attributes:
        run: that made it.
        is_live: whether it is live, for a rotation that is asleep and that nothing shows.
        usd_a_month: what its campaign costs, as estimated; 0 where there is none, and only a dataset group is held.
    """

    run: RetrainRun
    is_live: bool
    usd_a_month: float

    @property
    def why(self) -> str:
        """Why nobody needs it, in words."""
        if self.is_live:
            return f"rotation {self.run.rotation_id} is disabled and nothing shows it"
        at_step = f" at {self.run.failure_step}" if self.run.failure_step else ""
        return f"its run ended {self.run.status}{at_step} and it is not live"


def find_idle() -> list[Idle]:
    """Return what is idle, oldest first.

    What an active run may still use is none of it, nor is anything within the drain after its run or the last swap.
    """
    return [idle for rotation in Rotation.objects.all() if _bills(rotation) for idle in _idle_of(rotation)]


def reap(idle: Idle) -> bool:
    """Delete one idle thing as far as the backend lets go of it now; each repeat goes on from there.

    Returns:
        Whether nothing is left of it.

    Raises:
        RecommendationsError: the backend did not do it.
    """
    run = idle.run
    with transaction.atomic():
        rotation = Rotation.objects.select_for_update().get(pk=run.rotation_id)
        if active_run(rotation) is not None or not _let_go(idle, rotation):
            return False
    deployment, _ = Deployment.objects.get_or_create(rotation=rotation, colour=run.colour)
    is_gone = tear_down(StepContext(run, rotation, deployment, get_backend(rotation.backend)), run)
    logger.warning(
        "idle campaign deleted" if is_gone else "idle campaign is being deleted",
        extra={"retrain_run": run.pk, "resource": run.resource_name},
    )
    return is_gone


def reap_left_over() -> int:
    """Delete what runs left behind, live campaigns apart, as far as each goes now.

    Returns:
        How many are gone.
    """
    n_gone = 0
    for idle in find_idle():
        if idle.is_live:
            logger.info("idle campaign kept", extra={"resource": idle.run.resource_name, "why": idle.why})
            continue
        try:
            n_gone += reap(idle)
        except RecommendationsError as error:
            logger.warning("idle campaign not deleted", extra={"resource": idle.run.resource_name, "error": str(error)})
    return n_gone


def _bills(rotation: Rotation) -> bool:
    return get_backend(rotation.backend).bills


def _idle_of(rotation: Rotation) -> Iterator[Idle]:
    if active_run(rotation) is not None:
        # It tears down what its side still holds, and its own once it has swapped.
        return
    drained_at = conf.now() - timedelta(seconds=conf.drain_s())
    if Swap.objects.filter(rotation=rotation, at__gt=drained_at).exists():
        return
    is_asleep = not rotation.is_active and not find_uses(rotation.key)
    live_arn = LiveCampaign.objects.filter(rotation=rotation).values_list("campaign_arn", flat=True).first()
    ended = RetrainRun.objects.filter(rotation=rotation, torn_down_at__isnull=True, finished_at__lte=drained_at)
    for run in ended.select_related("rotation").order_by("pk"):
        is_live = _is_of(run, live_arn or "")
        if not is_live or is_asleep:
            yield Idle(run, is_live, _usd_a_month(run))


def _is_of(run: RetrainRun, arn: str) -> bool:
    return arn.rpartition("/")[2] == run.resource_name


def _usd_a_month(run: RetrainRun) -> float:
    campaigns = ledger.open_campaigns().filter(group_name=run.resource_name)
    return float(campaigns.aggregate(usd=Sum("usd_an_hour"))["usd"] or 0.0) * HOURS_A_MONTH


def _let_go(idle: Idle, rotation: Rotation) -> bool:
    """Make it nobody's, so that no event is forwarded to it and nobody rolls back to it; False where it is live."""
    live = LiveCampaign.objects.select_for_update().filter(rotation=rotation).first()
    if live is not None and _is_of(idle.run, live.campaign_arn):
        if not idle.is_live or rotation.is_active:
            return False
        retire(rotation.key, campaign_arn=live.campaign_arn)
    side = Deployment.objects.filter(rotation=rotation, colour=idle.run.colour)
    side.filter(dataset_group_arn__endswith=f"/{idle.run.resource_name}").update(**NOT_BUILT)
    return True
