"""Swap: the live pointer moves to the new campaign; the old side stays until the next run starts."""

from recommendations.pipeline.context import Done, Outcome, StepContext
from recommendations.serving import live


def run(context: StepContext) -> Outcome:
    """Move the pointer, once."""
    swap = live.swap(
        run=context.run,
        deployment=context.deployment,
        expected_version=context.run.report["provision"]["pointer_version"],
    )
    return Done(
        f"{swap.from_colour or 'nothing'} -> {swap.to_colour}",
        figures={"from": swap.from_campaign_arn, "to": swap.to_campaign_arn, "version": swap.version},
    )
