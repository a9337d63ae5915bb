"""The windows in which a variation's row is watched: a day each, end to end, so that old good days hide no bad one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.models import Phase, RampAction

LENGTH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """One of them: its number, from 0 at the phase's start, and since when lists are counted in it."""

    number: int
    since: datetime


def find_window(phase: Phase, at: datetime) -> Window:
    """The window of a moment.

    Windows do not slide and no step begins one, or a test that is right at every look would begin anew at each look. A
    reopening does: what was rolled back for its row is judged by what the row does from then on.

    Args:
        phase: with its experiment.
        at: a moment, at the phase's start or later.
    """
    number = max(0, (at - phase.started_at) // LENGTH)
    since = phase.started_at + number * LENGTH
    reopened = phase.experiment.ramp_changes.filter(phase=phase, action=RampAction.REOPEN, at__lte=at).first()
    return Window(number, max(since, reopened.at) if reopened is not None else since)


def share_level(level: float, number: int) -> float:
    """The part of a level that a window spends: a half, a sixth, a twelfth ...; all parts together are the level.

    Args:
        level: for the whole life of a phase.
        number: the window's, from 0.
    """
    return level / ((number + 1) * (number + 2))
