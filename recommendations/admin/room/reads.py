"""Every query of the room, so that a page's number of them is seen in one place."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from recommendations.adapters.registry import get_backend
from recommendations.admin.room.sides import Pair
from recommendations.exceptions import RecommendationsError
from recommendations.models import GateWaiver, LiveCampaign, RetrainAction, RetrainRun, Rotation, StepAttempt, Swap
from recommendations.pipeline.control import rollback_until

SHOWN_RUNS = 20
SHOWN_SWAPS = 20


@dataclass(frozen=True, slots=True)
class Tab:
    """One rotation in the list of all: what is live and whether a run is under way."""

    key: str
    live: str
    word: str
    is_active: bool


def read_rotations() -> list[Rotation]:
    """Return every rotation with its live side, by key."""
    return list(Rotation.objects.select_related("live__deployment"))


def describe_tabs(rotations: Sequence[Rotation]) -> list[Tab]:
    """Return one tab a rotation."""
    running = dict(RetrainRun.objects.filter(finished_at__isnull=True).values_list("rotation_id", "status"))
    tabs = []
    for rotation in rotations:
        live = live_of(rotation)
        word = f"retraining, at {running[rotation.key]}" if rotation.key in running else "at rest"
        colour = live.deployment.get_colour_display() if live is not None else "nothing"
        tabs.append(Tab(rotation.key, f"{colour} live", word, rotation.key in running))
    return tabs


def live_of(rotation: Rotation) -> LiveCampaign | None:
    """Return the pointer of a rotation that was read with it."""
    return getattr(rotation, "live", None)


def read_runs(rotation: Rotation) -> list[RetrainRun]:
    """Return the newest runs, newest first."""
    return list(RetrainRun.objects.filter(rotation=rotation).prefetch_related("actions")[:SHOWN_RUNS])


def read_pair(rotation: Rotation, active: RetrainRun | None) -> Pair:
    """Return both sides of a rotation as they are in the database."""
    until, bills = None, False
    # A backend that is not known keeps the page from saying until when, not from showing the rest.
    with suppress(RecommendationsError):
        until, bills = rollback_until(rotation.key), get_backend(rotation.backend).bills
    return Pair(live_of(rotation), list(rotation.deployments.all()), read_builders(rotation), active, until, bills)


def read_builders(rotation: Rotation) -> dict[str, RetrainRun]:
    """Return the runs whose work still stands, by the name of what they built."""
    standing = RetrainRun.objects.filter(rotation=rotation, torn_down_at__isnull=True)[:SHOWN_RUNS]
    return {run.resource_name: run for run in standing}


def read_actions(run: RetrainRun) -> list[RetrainAction]:
    """Return what people asked of a run, oldest first."""
    return list(RetrainAction.objects.filter(run=run).order_by("pk"))


def read_attempts(run: RetrainRun) -> list[StepAttempt]:
    """Return all that happened to a run's steps, oldest first."""
    return list(StepAttempt.objects.filter(run=run).order_by("pk"))


def read_swaps(rotation: Rotation) -> list[Swap]:
    """Return the newest moves of the pointer, newest first."""
    return list(Swap.objects.filter(rotation=rotation)[:SHOWN_SWAPS])


def find_builder(rotation: Rotation, campaign_arn: str) -> RetrainRun | None:
    """Return the run that built a campaign and brought it live, or None."""
    if not campaign_arn:
        return None
    return RetrainRun.objects.filter(rotation=rotation, swap__to_campaign_arn=campaign_arn).first()


def find_live_at(rotation: Rotation, moment: datetime) -> RetrainRun | None:
    """Return the run whose campaign was live just before a moment, or None."""
    last = Swap.objects.filter(rotation=rotation, at__lt=moment).first()
    return find_builder(rotation, last.to_campaign_arn) if last is not None else None


def find_swap(run: RetrainRun) -> Swap | None:
    """Return the move that brought a run's campaign live, or None."""
    return Swap.objects.filter(run=run).first()


def find_active(rotation: Rotation) -> RetrainRun | None:
    """Return the run of a rotation that has not ended, or None."""
    return RetrainRun.objects.filter(rotation=rotation, finished_at__isnull=True).first()


def find_waiver(run: RetrainRun) -> GateWaiver | None:
    """Return the one gate that somebody waived for a run, or None."""
    return GateWaiver.objects.filter(run=run).first()
