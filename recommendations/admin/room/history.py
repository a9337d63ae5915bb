"""What happened to a rotation: its runs and every move of its live pointer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recommendations.admin.room.bars import Stretch, draw_stretches
from recommendations.admin.room.findings import count_interactions
from recommendations.admin.room.measures import headline_of
from recommendations.admin.room.spans import say_span
from recommendations.models import Colour, RetrainAction, RetrainRun, Swap
from recommendations.pipeline.states import RetrainStatus

TONES = {RetrainStatus.SUCCEEDED: "good", RetrainStatus.FAILED: "bad", RetrainStatus.ABANDONED: "quiet"}


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list; `tone` is good, bad, quiet or active."""

    run: RetrainRun
    word: str
    tone: str
    took: str
    interactions: str
    ndcg: str
    began_by: str
    why: str


@dataclass(frozen=True, slots=True)
class SwapLine:
    """One move: from where to where, how long its side then was live, and why where somebody did it."""

    swap: Swap
    from_name: str
    to_name: str
    is_roll_back: bool
    lasted: str


def describe_runs(runs: Sequence[RetrainRun], now: datetime) -> tuple[RunLine, ...]:
    """Return one line a run, in the order given."""
    return tuple(describe_run(run, now) for run in runs)


def describe_run(run: RetrainRun, now: datetime) -> RunLine:
    """Return one run's line."""
    headline = headline_of(run.report.get("evaluate", {}))
    # The oldest request began it; later ones found it under way.
    requests = [each for each in run.actions.all() if each.kind == RetrainAction.Kind.REQUEST]
    asked = requests[-1] if requests and run.night_at is None else None
    word = f"at {run.status}" if run.is_active else run.status
    if run.status == RetrainStatus.FAILED and run.failure_step:
        word = f"failed at {run.failure_step}"
    return RunLine(
        run=run,
        word=word,
        tone=TONES.get(RetrainStatus(run.status), "active"),
        took=say_span((run.finished_at or now) - run.created_at),
        interactions=count_interactions(run.report),
        ndcg=f"{headline.value:.4f}" if headline is not None else "",
        began_by=_say_who_began(run, asked),
        why=asked.reason if asked is not None else "",
    )


def _say_who_began(run: RetrainRun, asked: RetrainAction | None) -> str:
    if asked is not None:
        return asked.actor
    return "the night" if run.night_at is not None else "a command"


def describe_swaps(swaps: Sequence[Swap], now: datetime) -> tuple[SwapLine, ...]:
    """Return one line a move.

    Args:
        swaps: newest first, without gaps.
        now: the world's time.
    """
    ends = [now, *(swap.at for swap in swaps)]
    return tuple(
        SwapLine(
            swap=swap,
            from_name=str(Colour(swap.from_colour).label) if swap.from_colour else "",
            to_name=str(Colour(swap.to_colour).label),
            is_roll_back=swap.run_id is None,
            lasted=say_span(ends[place] - swap.at),
        )
        for place, swap in enumerate(swaps)
    )


def draw_timeline(swaps: Sequence[Swap], now: datetime) -> tuple[Stretch, ...]:
    """Return who was live when, as parts of a strip that ends now.

    Args:
        swaps: newest first, without gaps.
        now: the world's time.
    """
    oldest_first = [
        (swap.at, swap.to_colour, f"{Colour(swap.to_colour).label} from {swap.at:%-d %b, %H:%M}")
        for swap in reversed(swaps)
    ]
    return draw_stretches(oldest_first, now)
