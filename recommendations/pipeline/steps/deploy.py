"""Deploy: a campaign that serves the new solution version to nobody yet."""

from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.steps.export import remove_exports
from recommendations.ports import Exploration, ResourceStatus


def run(context: StepContext) -> Outcome:
    """Make the campaign, and wait until it is ACTIVE."""
    campaign = context.backend.control.ensure_campaign(
        context.run.resource_name,
        solution_version_arn=context.deployment.solution_version_arn,
        exploration=Exploration(context.rotation.exploration_weight, context.rotation.exploration_age_cut_off_days),
    )
    if campaign.status is ResourceStatus.FAILED:
        return Failed(campaign.failure_reason, f"Then: manage.py retrain {context.rotation.key}.")
    if campaign.status is not ResourceStatus.ACTIVE:
        return Waiting("the campaign is being made")
    # Nothing after this reads the files, and they hold what shoppers did.
    remove_exports(context.run)
    return Done(campaign.arn.rpartition("/")[2], deployment={"campaign_arn": campaign.arn})
