"""Teardown: at a backend that bills, what the side that is not live holds is deleted."""

from recommendations.models import Colour, RetrainRun
from recommendations.pipeline.context import Done, Outcome, StepContext, Waiting
from recommendations.pipeline.runs import dormant_colour
from recommendations.pipeline.sides import clear_side, is_swap_fresh, runs_to_tear_down, tear_down


def run(context: StepContext) -> Outcome:
    """Delete the old side, or the new one where somebody rolled back during the drain."""
    if not context.backend.bills:
        return Done("nothing to tear down before the next run starts")
    if is_swap_fresh(context):
        return Waiting("the last swap must have reached every process before its old side is torn down")
    colour = dormant_colour(context.rotation)
    if not clear_side(context, colour):
        return Waiting("the live side changed at this moment")
    left = _left_on(context, colour)
    for number, each in enumerate(left):
        context.progress(number / len(left), f"tearing down {each.resource_name}")
        if not tear_down(context, each):
            return Waiting(f"{each.resource_name} is being deleted")
    return Done(f"{len(left)} torn down", figures={"torn_down": [each.resource_name for each in left]})


def _left_on(context: StepContext, colour: Colour) -> list[RetrainRun]:
    left = runs_to_tear_down(context, colour)
    return [*left, context.run] if context.run.colour == colour else left
