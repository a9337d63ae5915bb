"""Puts the demo's experiments into its world, once: one finished and simulated, one draft to start."""

from calendar import SUNDAY
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from experiments.models import Experiment
from storefront.origin import require_no_import
from storefront.progress import Report
from storefront.simulation.experiments.finished import KEY, define
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.replaying import Replay, Replayed
from storefront.simulation.reading import read_shelf

# Known, so that every demo finds what every other found; real phases draw theirs.
SALT = "5eed5eed5eed5eed5eed5eed5eed5eed"
# So is the day of the week that they begin on: how many come, and so all that is found, goes by it.
FIRST_DAY = SUNDAY


def seed_finished_experiment(parameters: TrialParameters, *, report: Report) -> Replayed | None:
    """Simulate the finished experiment in one transaction; None where the world has it already.

    Args:
        parameters: who came, and the effect that is planted.
        report: told the share done, 0..1, and a note.

    Raises:
        OriginMixed: the world was imported.
        ValueError: too few products to fill a homepage.
    """
    require_no_import()
    if Experiment.objects.filter(key=KEY).exists():
        return None
    starts_at = find_start(parameters, settings.CLOCK.now())
    with transaction.atomic():
        with settings.CLOCK.at(starts_at):
            define(parameters, starts_at=starts_at)
        return Replay(parameters, read_shelf(), starts_at=starts_at).run(salt=SALT, report=report)


def find_start(parameters: TrialParameters, now: datetime) -> datetime:
    """When the experiment began: at the newest midnight, on its day of the week, from which it ended long enough ago.

    Args:
        parameters: how long it took, and how long ago it ended at least.
        now: the world's time, aware.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    latest = midnight - timedelta(days=parameters.ended_days_ago + parameters.days)
    return latest - timedelta(days=(latest.weekday() - FIRST_DAY) % 7)
