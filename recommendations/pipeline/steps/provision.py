"""Provision: the dormant side, emptied of an earlier run, gets a dataset group, an event tracker and a filter."""

from datetime import timedelta

from recommendations import conf, items
from recommendations.events.trackers import read_trackers
from recommendations.exceptions import LeaseLost, SwapRefused
from recommendations.models import Colour
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.sides import clear_side, is_still_ours, is_swap_fresh, runs_to_tear_down, tear_down
from recommendations.ports import EventTracker, Resource, ResourceStatus
from recommendations.serving.live import pointer_version

# Nobody is shown again what they bought, however far back; the shop itself knows the last purchases only.
NOT_PURCHASED = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'


def run(context: StepContext) -> Outcome:
    """Tear down what the dormant side still holds, and make it ready to take events."""
    colour = Colour(context.run.colour)
    left = runs_to_tear_down(context, colour)
    if left and is_swap_fresh(context):
        return Waiting("the last swap must have reached every process before its old side is torn down")
    if not clear_side(context, colour):
        raise SwapRefused(f"The {colour} side became live after this run had begun.")
    for number, earlier in enumerate(left):
        context.progress(number / len(left), f"tearing down {earlier.resource_name}")
        if not tear_down(context, earlier):
            return Waiting(f"{earlier.resource_name} is being deleted")
    group = _make_group(context)
    unfinished = _unfinished(context, group)
    if unfinished is not None:
        return unfinished
    tracker, bought = _make_rest(context, group)
    unfinished = _unfinished(context, tracker, bought)
    if unfinished is not None:
        return unfinished
    if not read_trackers():
        # Nobody was to be told yet: what changed until now is in this run's export, and need not be put item by item.
        items.forget_all_changes()
    # Whoever forwards events learns of the tracker within the slack; what comes before it is imported.
    watermark_at = context.now() + timedelta(seconds=conf.watermark_slack_s())
    return Done(
        f"{colour} side ready, {len(left)} torn down",
        figures={
            "torn_down": [earlier.resource_name for earlier in left],
            "pointer_version": pointer_version(context.rotation.key),
        },
        deployment={
            "dataset_group_arn": group.arn,
            "event_tracker_arn": tracker.arn,
            "tracking_id": tracker.tracking_id,
            "filter_arn": bought.arn,
            "watermark_at": watermark_at,
        },
        run={
            "watermark_at": watermark_at,
            "window_start_at": watermark_at
            - timedelta(days=context.rotation.window_days or conf.retrain_window_days()),
        },
    )


def _unfinished(context: StepContext, *resources: Resource) -> Failed | Waiting | None:
    for made in resources:
        if made.status is ResourceStatus.FAILED:
            return Failed(made.failure_reason, f"Then: manage.py retrain {context.rotation.key}.")
        if made.status is not ResourceStatus.ACTIVE:
            return Waiting(f"{made.arn} is being made")
    return None


def _make_group(context: StepContext) -> Resource:
    control, name = context.backend.control, context.run.resource_name
    tags = {"rotation": context.rotation.key, "colour": context.run.colour, "run": str(context.run.pk)}
    group = control.ensure_dataset_group(name, tags=tags)
    if not is_still_ours(context):
        # The run was abandoned meanwhile, and the next one may have torn it down already: leave nothing behind it.
        control.delete_dataset_group(group.arn)
        raise LeaseLost(f"{context.run} is in other hands; what was just made for it is deleted.")
    return group


def _make_rest(context: StepContext, group: Resource) -> tuple[EventTracker, Resource]:
    control, name = context.backend.control, context.run.resource_name
    tracker = control.ensure_event_tracker(name, dataset_group_arn=group.arn)
    return tracker, control.ensure_filter(name, dataset_group_arn=group.arn, expression=NOT_PURCHASED)
