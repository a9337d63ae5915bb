"""Puts together what the pages of the room show, from a handful of reads."""

from dataclasses import dataclass
from datetime import datetime

from recommendations import conf
from recommendations.admin.room import reads
from recommendations.admin.room.bars import Stretch
from recommendations.admin.room.exposures import draw_exposures, draw_segments
from recommendations.admin.room.findings import DataFindings, describe_data
from recommendations.admin.room.gates import GateLine, describe_gates, find_waivable
from recommendations.admin.room.history import (
    RunLine,
    SwapLine,
    describe_run,
    describe_runs,
    describe_swaps,
    draw_timeline,
)
from recommendations.admin.room.measures import Chart, Contender, draw_charts
from recommendations.admin.room.model import Model, describe_model
from recommendations.admin.room.offers import Offer, User, describe_offers, may_waive
from recommendations.admin.room.record import Entry, describe_record
from recommendations.admin.room.sides import Side, describe_sides
from recommendations.admin.room.stepper import StepLine, describe_steps
from recommendations.admin.room.training import read_progress
from recommendations.models import Colour, RetrainRun, Rotation
from recommendations.retrain_status import RetrainStatus


@dataclass(frozen=True, slots=True)
class Charts:
    """Metrics with items of the history in the lists, as Personalize measures, and without."""

    usual: tuple[Chart, ...] = ()
    without_repeats: tuple[Chart, ...] = ()
    segments: tuple[Chart, ...] = ()
    exposures: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The active run."""

    line: RunLine
    steps: tuple[StepLine, ...]
    n_done: int


@dataclass(frozen=True, slots=True)
class Room:
    """One rotation's page."""

    rotation: Rotation
    now: datetime
    sides: tuple[Side, ...]
    live_side: Side | None
    offers: tuple[Offer, ...]
    under_way: UnderWay | None
    trouble: RunLine | None
    waivable: str
    charts: Charts
    model: Model | None
    runs: tuple[RunLine, ...]
    swaps: tuple[SwapLine, ...]
    timeline: tuple[Stretch, ...]
    timeline_start: datetime | None


def describe_room(rotation: Rotation, user: User) -> Room:
    """Return the room's page of a rotation, as this user finds it."""
    now = conf.now()
    runs = reads.read_runs(rotation)
    active = next((run for run in runs if run.is_active), None)
    pair = reads.read_pair(rotation, active)
    swaps = reads.read_swaps(rotation)
    sides = describe_sides(pair, now)
    live_side = next((side for side in sides if side.state == "live"), None)
    before = reads.find_builder(rotation, swaps[0].from_campaign_arn) if swaps else None
    finished = [run for run in runs if not run.is_active]
    troubled = finished[0] if finished and finished[0].status == RetrainStatus.FAILED else None
    return Room(
        rotation=rotation,
        now=now,
        sides=sides,
        live_side=live_side,
        offers=describe_offers(rotation, pair, user),
        under_way=_describe_under_way(rotation, active, now) if active is not None else None,
        trouble=describe_run(troubled, now) if troubled is not None else None,
        waivable=find_waivable(troubled) if troubled is not None and active is None and may_waive(user) else "",
        charts=_charts(live_side.run, before) if live_side is not None else Charts(),
        model=describe_model(live_side.run.report) if live_side is not None and live_side.run is not None else None,
        runs=describe_runs(runs, now),
        swaps=describe_swaps(swaps, now),
        timeline=draw_timeline(swaps, now),
        timeline_start=swaps[-1].at if swaps else None,
    )


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run's page."""

    rotation: Rotation
    run: RetrainRun
    now: datetime
    line: RunLine
    steps: tuple[StepLine, ...]
    charts: Charts
    model: Model | None
    data: DataFindings | None
    gates: tuple[GateLine, ...]
    record: tuple[Entry, ...]


def describe_run_page(rotation: Rotation, run: RetrainRun) -> RunPage:
    """Return a run's page."""
    now = conf.now()
    attempts, swap = reads.read_attempts(run), reads.find_swap(run)
    before = reads.find_live_at(rotation, swap.at if swap is not None else run.finished_at or now)
    return RunPage(
        rotation=rotation,
        run=run,
        now=now,
        line=describe_run(run, now),
        steps=describe_steps(run, attempts, now, read_progress(rotation, run)),
        charts=_charts(run, before),
        model=describe_model(run.report),
        data=describe_data(run.report),
        gates=describe_gates(run.report, reads.find_waiver(run)),
        record=describe_record(run, attempts, reads.read_actions(run), swap),
    )


def _describe_under_way(rotation: Rotation, run: RetrainRun, now: datetime) -> UnderWay:
    steps = describe_steps(run, reads.read_attempts(run), now, read_progress(rotation, run))
    return UnderWay(describe_run(run, now), steps, sum(step.state == "done" for step in steps))


def _charts(run: RetrainRun | None, before: RetrainRun | None) -> Charts:
    if run is None:
        return Charts()
    newest = _contender(run, "")
    rival = _contender(before, "before") if before is not None and before.pk != run.pk else None
    return Charts(
        draw_charts(newest, rival, repeats=True),
        draw_charts(newest, rival, repeats=False),
        draw_segments(newest, repeats=True),
        draw_exposures(newest, rival, repeats=True),
    )


def _contender(run: RetrainRun, role: str) -> Contender:
    name = f"{Colour(run.colour).label}, run {run.pk}"
    return Contender(f"{name} ({role})" if role else name, run.colour, run.report.get("evaluate", {}))
