"""Train: a solution version of the rotation's recipe on the imported interactions."""

from recommendations.models import LiveCampaign
from recommendations.pipeline.budgets import budget_of
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.ports import ResourceStatus


def run(context: StepContext) -> Outcome:
    """Ask for the solution version; a trainer elsewhere makes it."""
    rotation = context.rotation
    version = context.backend.control.ensure_solution_version(
        context.run.resource_name,
        dataset_group_arn=context.deployment.dataset_group_arn,
        recipe=rotation.recipe,
        hyperparameters=rotation.hyperparameters,
        event_weights=rotation.event_weights,
        budget_s=budget_of(rotation),
        warm_start_from=_find_live_version(rotation.key),
    )
    if version.status in {ResourceStatus.FAILED, ResourceStatus.STOPPED}:
        return Failed(
            version.failure_reason,
            f"Check the data and the rotation's recipe and hyperparameters, then: manage.py retrain {rotation.key}.",
        )
    if version.status is not ResourceStatus.ACTIVE:
        context.progress(version.progress, "training")
        return Waiting("a trainer works on the solution version")
    return Done(
        rotation.recipe,
        figures={"arn": version.arn, "training": dict(version.training)},
        deployment={"solution_version_arn": version.arn, "trained_at": context.now()},
    )


def _find_live_version(rotation_key: str) -> str:
    """What the training may go on from: the version that is live, or nothing before the first one."""
    live = LiveCampaign.objects.filter(rotation=rotation_key)
    return live.values_list("deployment__solution_version_arn", flat=True).first() or ""
