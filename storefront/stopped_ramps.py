"""Tells the alarms which ramps their controller has stopped."""

from experiments.controller import find_unattended
from experiments.models import Status
from recommendations.alarms.facts import RampFacts


def find_stopped_ramps() -> list[RampFacts]:
    """Experiments that the controller held or rolled back and that nobody has touched since."""
    return [
        RampFacts(
            key=change.experiment.key,
            is_rolled_back=change.new_state == Status.ROLLED_BACK,
            reason=change.reason,
            stopped_at=change.at,
        )
        for change in find_unattended()
    ]
