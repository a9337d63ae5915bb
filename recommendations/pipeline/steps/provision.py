"""Provision: clear the dormant side of what earlier runs left, then give it a dataset group and an event tracker."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from recommendations import conf
from recommendations.exceptions import LeaseLost, SwapRefused
from recommendations.models import Deployment, LiveCampaign, RetrainRun, Swap
from recommendations.pipeline.context import Done, Outcome, StepContext, Waiting
from recommendations.pipeline.steps.export import export_path
from recommendations.ports import ResourceStatus
from recommendations.serving.live import POINTER_TTL_S, pointer_version

# No process may still hold a pointer to what is torn down, hence twice as long as it may hold one.
SINCE_SWAP = timedelta(seconds=2 * POINTER_TTL_S)
NOT_BUILT: Mapping[str, Any] = {
    "dataset_group_arn": "",
    "event_tracker_arn": "",
    "tracking_id": "",
    "solution_version_arn": "",
    "campaign_arn": "",
    "watermark_at": None,
    "trained_at": None,
    "metrics": {},
}


def run(context: StepContext) -> Outcome:
    """Tear down what the dormant side still holds, and make it ready to take events."""
    left = _runs_to_tear_down(context)
    last_swap = Swap.objects.filter(rotation=context.rotation).first()
    if left and last_swap is not None and context.now() < last_swap.at + SINCE_SWAP:
        return Waiting("the last swap must have reached every process before its old side is torn down")
    name = context.run.resource_name
    _clear_deployment(context)
    for number, earlier in enumerate(left):
        context.progress(number / len(left), f"tearing down {earlier.resource_name}")
        if not _tear_down(context, earlier):
            return Waiting(f"{earlier.resource_name} is being deleted")
    control = context.backend.control
    tags = {"rotation": context.rotation.key, "colour": context.run.colour, "run": str(context.run.pk)}
    group = control.ensure_dataset_group(name, tags=tags)
    tracker = control.ensure_event_tracker(name, dataset_group_arn=group.arn)
    if tracker.status is not ResourceStatus.ACTIVE:
        return Waiting("the event tracker is being made")
    # Whoever forwards events learns of the tracker within the slack; what comes before it is imported.
    watermark_at = context.now() + timedelta(seconds=conf.watermark_slack_s())
    return Done(
        f"{context.run.colour} side ready, {len(left)} torn down",
        figures={
            "torn_down": [earlier.resource_name for earlier in left],
            "pointer_version": pointer_version(context.rotation.key),
        },
        deployment={
            "dataset_group_arn": group.arn,
            "event_tracker_arn": tracker.arn,
            "tracking_id": tracker.tracking_id,
            "watermark_at": watermark_at,
        },
        run={
            "watermark_at": watermark_at,
            "window_start_at": watermark_at - timedelta(days=conf.retrain_window_days()),
        },
    )


def _runs_to_tear_down(context: StepContext) -> list[RetrainRun]:
    """Return every earlier run that may have left something on this side, oldest first."""
    earlier = RetrainRun.objects.filter(
        rotation=context.rotation, colour=context.run.colour, pk__lt=context.run.pk, torn_down_at__isnull=True
    )
    return list(earlier.order_by("pk"))


def _clear_deployment(context: StepContext) -> None:
    """Make the side nobody's: no tracker is forwarded to and nobody may roll back to it from here on."""
    with transaction.atomic():
        run = RetrainRun.objects.select_for_update().filter(pk=context.run.pk, fencing_token=context.run.fencing_token)
        if not run.exists():
            raise LeaseLost(f"{context.run} is in other hands; its side was not cleared.")
        live = LiveCampaign.objects.select_for_update().filter(rotation=context.rotation).first()
        if live is not None and live.deployment_id == context.deployment.pk:
            raise SwapRefused(f"The {context.run.colour} side became live after this run had begun.")
        Deployment.objects.filter(pk=context.deployment.pk).update(**NOT_BUILT)


def _tear_down(context: StepContext, earlier: RetrainRun) -> bool:
    control = context.backend.control
    group = control.find_dataset_group(earlier.resource_name)
    if group is not None and not control.delete_dataset_group(group.arn):
        return False
    export_path(earlier).unlink(missing_ok=True)
    RetrainRun.objects.filter(pk=earlier.pk).update(torn_down_at=context.now())
    return True
