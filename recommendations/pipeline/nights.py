"""Nights: when each rotation's retrain falls due by the world's clock, one run a night, also after an outage."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from recommendations import conf
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.runs import active_run, begin_run

DAY = timedelta(days=1)


def last_night_at() -> datetime:
    """Return the latest moment, not after the world's now, at which nights begin."""
    now, at = conf.now(), conf.retrain_at()
    today = datetime.combine(now.astimezone(UTC).date(), at, tzinfo=UTC)
    return today if today <= now else today - DAY


def next_night_at() -> datetime:
    """Return the next moment, after the world's now, at which nights begin."""
    return last_night_at() + DAY


def start_due_runs() -> list[RetrainRun]:
    """Begin the night's run of every active rotation that has had none since the night came.

    A run that somebody asked for since then counts; a run still under way is let finish first. Any number of processes
    may call this at once: the database lets one run of a night through.

    Returns:
        The runs that this call began.
    """
    night_at = last_night_at()
    begun = (_start(rotation, night_at) for rotation in Rotation.objects.filter(is_active=True))
    return [run for run in begun if run is not None]


def _start(rotation: Rotation, night_at: datetime) -> RetrainRun | None:
    # What a clock that was set back left in the future does not count.
    had = RetrainRun.objects.filter(rotation=rotation, created_at__gte=night_at, created_at__lte=conf.now())
    if had.exists() or active_run(rotation) is not None:
        return None
    try:
        with transaction.atomic():
            return begin_run(rotation, night_at=night_at)
    except IntegrityError:
        return None
