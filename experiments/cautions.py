"""What a start does not refuse and would better not have: said beside what is missing."""

from datetime import datetime, timedelta

from experiments.models import Design, Experiment

WEEK = timedelta(days=7)
LEAST_WEEKS = 2
# Who starts a few hours after planning has planned whole weeks all the same.
ROUNDING = timedelta(hours=12)

Caution = tuple[str, str]


def find_cautions(experiment: Experiment, *, start_at: datetime) -> list[Caution]:
    """What to think about before a start, each with its field.

    Shoppers differ between weekdays and weekends, and those who come in the first days are the keenest: a test that
    decides something runs two weeks at least, and whole ones. A short one is the planner's choice, for a simulation or
    where only guardrails matter.

    Args:
        experiment: A draft.
        start_at: When it would start.

    Returns:
        (field, message) pairs; none where nothing speaks against it.

    Source:
        Kohavi, Tang and Xu 2020, "Trustworthy Online Controlled Experiments", chapter 2 (whole weeks).
    """
    end_at = experiment.planned_end_at
    if end_at is None or end_at <= start_at or experiment.design == Design.INTERLEAVING:
        return []
    days = (end_at - start_at) / timedelta(days=1)
    beyond = (end_at - start_at) % WEEK
    if end_at - start_at < LEAST_WEEKS * WEEK - ROUNDING:
        told = f"Planned end is {days:.0f} days after the start: give {LEAST_WEEKS} whole weeks at least."
    elif min(beyond, WEEK - beyond) > ROUNDING:
        told = (
            f"Planned end is {days:.0f} days after the start: give whole weeks, so that each weekday counts as often."
        )
    else:
        return []
    return [("planned_end_at", told)]
