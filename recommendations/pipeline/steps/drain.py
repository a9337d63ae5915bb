"""Drain: a backend that bills keeps the old side a while for a roll back; any other keeps it until the next run."""

from datetime import timedelta

from recommendations import conf
from recommendations.models import Swap
from recommendations.pipeline.context import Done, Outcome, StepContext, Waiting


def run(context: StepContext) -> Outcome:
    """Wait out the drain where the old side costs money."""
    if not context.backend.bills:
        return Done("the old side stays for a roll back until the next run starts")
    # A roll back is a swap too, and has a drain of its own.
    last = Swap.objects.filter(rotation=context.rotation).latest("pk")
    until = last.at + timedelta(seconds=conf.drain_s())
    if context.now() < until:
        return Waiting(f"the old side stays for a roll back until {until:%H:%M:%S} UTC")
    return Done("drained")
