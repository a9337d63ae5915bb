"""The report's sentences: why nothing can be read, what to be careful about, how it was computed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from experiments.models import Design, Experiment, Phase, RampAction, RampChange, Snapshot, Status
from experiments.plan import Plan
from experiments.report.facts import Rules
from experiments.report.values import LeftOut, MetricLine
from experiments.stats import split_alpha
from experiments.verdict import Finding, Role

NO_PHASE = "It has not been started, so there is nothing to read. Plan it, then start its ramp."
NO_TEST = "It was turned on for everyone without a test, so nothing was compared. As a draft again, it can be tested."
NO_SNAPSHOT = "No snapshot has been taken yet; the minute's tick takes the first one."
STALE_AFTER = timedelta(hours=1)
WEEK = timedelta(days=7)
FLAG_OVERRULED = "flag_overruled"
# The newest changes of a phase that are looked at; roll-backs are among the last.
MOST_CHANGES = 100


def find_notice(experiment: Experiment, phase: Phase | None, snapshot: Snapshot | None) -> str:
    """Why there is nothing to read yet; empty where there is."""
    if phase is None:
        if experiment.status == Status.SCHEDULED and experiment.scheduled_for is not None:
            return f"It starts on {write_date(experiment.scheduled_for)}; nothing has been shown yet."
        return NO_TEST if experiment.status == Status.SHIPPED else NO_PHASE
    if snapshot is None:
        if phase.ended_at is not None:
            return f"It ended on {write_date(phase.ended_at)} without a snapshot, so its result was never computed."
        return NO_SNAPSHOT
    return ""


def find_cautions(
    experiment: Experiment,
    phase: Phase,
    snapshot: Snapshot,
    metrics: Sequence[MetricLine],
    now: datetime,
    *,
    changes: Sequence[RampChange],
) -> tuple[str, ...]:
    """What to be careful about when reading, each a sentence; `changes` are the phase's, newest first."""
    cautions = _find_stops(changes)
    last = changes[0] if changes else None
    if experiment.status == Status.HELD and phase.ended_at is None and last is not None:
        cautions.append(f"The ramp is held: {end_sentence(last.reason)}")
    if phase.ended_at is None and now - snapshot.taken_at > STALE_AFTER:
        cautions.append(f"The data are as of {write_date(snapshot.watermark_at)}; newer ones are not in yet.")
    if snapshot.is_incomplete:
        until = write_date(snapshot.watermark_at)
        cautions.append(f"It was frozen without the events after {until}: they had not come a day after the end.")
    if (phase.ended_at or snapshot.watermark_at) - phase.started_at < WEEK:
        cautions.append("Less than a whole week is covered: weekdays and weekends may differ.")
    disputed = [metric.name for metric in metrics if any(found.is_disputed for found in metric.comparisons)]
    if disputed:
        cautions.append(
            f"An earlier look decided {', '.join(disputed)} the other way than the newest points: it counts as not "
            "decided. Look for what changed in between."
        )
    fallen = [
        metric.name
        for metric in metrics
        if metric.role == Role.EXPLORATORY
        and any(comparison.finding == Finding.WORSE for comparison in metric.comparisons)
    ]
    if fallen:
        cautions.append(f"Among the explored metrics, {', '.join(fallen)} got worse; they do not decide.")
    return tuple(cautions)


def find_trip(changes: Sequence[RampChange]) -> str:
    """Why a limit has rolled a phase back by itself, as a sentence; empty where none did, or it was reopened since.

    A flag that somebody switched off says nothing of the variations.

    Args:
        changes: The phase's, newest first.
    """
    since = takewhile(lambda change: change.action != RampAction.REOPEN, changes)
    rolled = (change for change in since if change.action == RampAction.ROLL_BACK)
    tripped = next((change for change in rolled if change.code not in {"", FLAG_OVERRULED}), None)
    return end_sentence(tripped.reason) if tripped is not None else ""


def _find_stops(changes: Sequence[RampChange]) -> list[str]:
    """The phase's last roll-back, and who opened it again."""
    for place, change in enumerate(changes):
        if change.action == RampAction.ROLL_BACK:
            told = [f"It was rolled back on {write_date(change.at)}: {end_sentence(change.reason)}"]
            again = next((each for each in reversed(changes[:place]) if each.action == RampAction.REOPEN), None)
            if again is not None:
                told.append(f"It was reopened on {write_date(again.at)}: {end_sentence(again.reason)}")
            return [" ".join(told)]
    return []


def describe_method(
    plan: Plan, rules: Rules, left_out: LeftOut | None, n_variations: int, *, is_adjusted: bool
) -> tuple[str, ...]:
    """How the numbers were computed, a sentence each; `is_adjusted` where CUPED is shown of any metric."""
    sequential, fixed = split_alpha(rules.alpha)
    if plan.design == Design.INTERLEAVING:
        return (
            "Each shopper counts once, for the list whose items they clicked more; an exact sign test compares both.",
            f"While it runs the test is always-valid at {sequential:g}, at the planned end fixed at {fixed:g}.",
        )
    sentences = [
        "Each shopper counts once, from their first exposure on, in the variation they were assigned to.",
        f"While it runs, intervals are always-valid at {sequential:g}, so looking every day is safe.",
        f"At the planned end the fixed test decides at {fixed:g}; together they err at most at {rules.alpha:g}.",
        "The absolute difference decides; its interval is drawn as a share of control's value. Relative is to read.",
        "Ratios use the delta method, since one shopper's clicks are not independent of each other.",
        "Guardrails are one-sided: harm is beyond their margin, safety is non-inferiority within it.",
    ]
    if n_variations > 2:
        sentences.append(f"{n_variations - 1} variations are compared with control; Holm keeps their joint error rate.")
    sentences.append("Explored metrics and segments are corrected by Benjamini-Hochberg and decide nothing.")
    if is_adjusted:
        sentences.append("CUPED's estimates, freed of what the past foretold, are shown; the unadjusted test decides.")
    if left_out is not None and left_out.n_crossover:
        sentences.append("Shoppers who saw two variations are counted, and left out of every result.")
    return tuple(sentences)


def count_days_left(planned_end_at: datetime | None, phase: Phase, now: datetime) -> int | None:
    """Whole days until the planned end, rounded up; None without one or after the phase's end."""
    if planned_end_at is None or phase.ended_at is not None:
        return None
    return max(0, -((now - planned_end_at) // timedelta(days=1)))


def write_date(at: datetime) -> str:
    """A time as the report's sentences spell it."""
    return f"{at.day} {at:%b %Y, %H:%M}"


def end_sentence(sentence: str) -> str:
    """The sentence with a full stop, which people forget."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
