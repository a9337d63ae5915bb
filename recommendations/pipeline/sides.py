"""The side that is not live: emptied under the run's token, then torn down at the backend."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from recommendations.exceptions import LeaseLost
from recommendations.models import Colour, Deployment, LiveCampaign, RetrainRun, Swap
from recommendations.pipeline.context import StepContext
from recommendations.pipeline.steps.export import remove_exports
from recommendations.serving.live import POINTER_TTL_S

# No process may still hold a pointer to what is torn down, hence twice as long as it may hold one.
SINCE_SWAP = timedelta(seconds=2 * POINTER_TTL_S)
NOT_BUILT: Mapping[str, Any] = {
    "dataset_group_arn": "",
    "event_tracker_arn": "",
    "tracking_id": "",
    "solution_version_arn": "",
    "campaign_arn": "",
    "filter_arn": "",
    "watermark_at": None,
    "trained_at": None,
    "metrics": {},
}


def is_swap_fresh(context: StepContext) -> bool:
    """Return whether a process may still serve what was live before the rotation's last swap."""
    last = Swap.objects.filter(rotation=context.rotation).first()
    return last is not None and context.now() < last.at + SINCE_SWAP


def is_still_ours(context: StepContext) -> bool:
    """Return whether nobody has taken the run over, or abandoned it, since the step began."""
    return RetrainRun.objects.filter(pk=context.run.pk, fencing_token=context.run.fencing_token).exists()


def clear_side(context: StepContext, colour: Colour) -> bool:
    """Make a side nobody's: no tracker is forwarded to and nobody may roll back to it from here on.

    Returns:
        Whether it was done; a side that is live is left alone.

    Raises:
        LeaseLost: the run is in other hands.
    """
    with transaction.atomic():
        run = RetrainRun.objects.select_for_update().filter(pk=context.run.pk, fencing_token=context.run.fencing_token)
        if not run.exists():
            raise LeaseLost(f"{context.run} is in other hands; its side was not cleared.")
        live = LiveCampaign.objects.select_for_update().select_related("deployment").filter(rotation=context.rotation)
        pointer = live.first()
        if pointer is not None and pointer.deployment.colour == colour:
            return False
        Deployment.objects.filter(rotation=context.rotation, colour=colour).update(**NOT_BUILT)
    return True


def runs_to_tear_down(context: StepContext, colour: Colour) -> list[RetrainRun]:
    """Return every run, the present one apart, that may have left something on a side, oldest first."""
    left = RetrainRun.objects.filter(rotation=context.rotation, colour=colour, torn_down_at__isnull=True)
    return list(left.filter(pk__lt=context.run.pk).order_by("pk"))


def tear_down(context: StepContext, run: RetrainRun) -> bool:
    """Delete all that a run made; found by its name, so that what a dead process left is found too.

    Returns:
        Whether nothing is left; otherwise the backend is still deleting.
    """
    control = context.backend.control
    group = control.find_dataset_group(run.resource_name)
    if group is not None and not control.delete_dataset_group(group.arn):
        return False
    remove_exports(run)
    RetrainRun.objects.filter(pk=run.pk).update(torn_down_at=context.now())
    return True
