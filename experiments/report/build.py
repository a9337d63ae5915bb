"""Builds the report of one phase from its newest snapshot, in few queries whatever the traffic was."""

from dataclasses import replace
from datetime import datetime

from experiments import analysis, conf
from experiments.exceptions import ExperimentsError
from experiments.metrics import all_metrics
from experiments.models import Experiment, Phase, Snapshot
from experiments.plan import read_plan
from experiments.report import words
from experiments.report.deciding import Source, gather, judge
from experiments.report.framing import describe_phase, describe_question, list_variations
from experiments.report.history import read_history
from experiments.report.joint import read_joint
from experiments.report.slices import read_funnel, read_segments, read_triggered
from experiments.report.values import Report, SegmentLine, Triggered
from experiments.verdict import Role


class UnknownPhase(ExperimentsError):
    """The experiment has no phase of this number."""

    code = "unknown_phase"


def build_report(key: str, *, phase_number: int | None = None, now: datetime | None = None) -> Report:
    """The report of an experiment.

    Args:
        key: The experiment's.
        phase_number: Which of its phases; the newest one where None. Phases are never pooled.
        now: The present; the project's clock where None.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        UnknownPhase: `unknown_phase`.
    """
    experiment = Experiment.objects.select_related("flag").prefetch_related("variations").by_key(key)
    phases = list(experiment.phases.order_by("number"))
    phase = _find_phase(experiment, phases, phase_number)
    if phase is not None:
        phase.experiment = experiment
    snapshot = analysis.latest(phase.pk) if phase is not None else None
    made_at = now or conf.now()
    report = _frame(experiment, phases, phase, snapshot, made_at)
    if phase is None or snapshot is None:
        return report
    changes = list(phase.ramp_changes.order_by("-id")[: words.MOST_CHANGES])
    return _fill(report, gather(phase, read_plan(phase), snapshot, definitions=all_metrics(), changes=changes))


def _find_phase(experiment: Experiment, phases: list[Phase], number: int | None) -> Phase | None:
    if number is None:
        return phases[-1] if phases else None
    found = next((phase for phase in phases if phase.number == number), None)
    if found is None:
        known = ", ".join(str(phase.number) for phase in phases) or "none"
        raise UnknownPhase(f"{experiment.key!r} has no phase {number}. Its phases: {known}.")
    return found


def _frame(
    experiment: Experiment, phases: list[Phase], phase: Phase | None, snapshot: Snapshot | None, now: datetime
) -> Report:
    """A report of everything that is known without reading any result."""
    variations = list_variations(experiment, phase, snapshot)
    return Report(
        key=experiment.key,
        name=experiment.name,
        design=experiment.design,
        status=experiment.status,
        is_simulated=experiment.is_simulated,
        made_at=now,
        question=describe_question(experiment, phase),
        phase=describe_phase(phase, now) if phase is not None else None,
        phases=tuple(each.number for each in phases),
        notice=words.find_notice(experiment, phase, snapshot),
        variations=variations,
        as_of=snapshot.watermark_at if snapshot is not None else None,
        taken_at=snapshot.taken_at if snapshot is not None else None,
        is_final=snapshot.is_final if snapshot is not None else False,
        n_units=snapshot.total_units if snapshot is not None else 0,
    )


def _fill(report: Report, source: Source) -> Report:
    """The report with everything that the snapshot tells."""
    snapshot, judged = source.snapshot, judge(source)
    history = read_history(source.phase, source.plan.primary_metric, source.others)
    return replace(
        report,
        decision=judged.decision,
        cautions=words.find_cautions(
            source.experiment, source.phase, snapshot, judged.metrics, report.made_at, changes=source.changes
        ),
        left_out=judged.left_out,
        sample_ratio=judged.sample_ratio,
        metrics=judged.metrics,
        preference=judged.preference,
        exposures=history.exposures,
        history=history.lines,
        funnel=read_funnel(source.facts, (source.control, *source.others), conf.funnel_metrics()),
        segments=_read_segments(source),
        triggered=_read_triggered(source),
        joint=read_joint(source),
        method=words.describe_method(
            source.plan,
            source.rules,
            judged.left_out,
            len(source.others) + 1,
            is_adjusted=any(found.adjusted for metric in judged.metrics for found in metric.comparisons),
        ),
    )


def _read_segments(source: Source) -> tuple[SegmentLine, ...]:
    primary = next((fact for fact in source.facts if fact.role is Role.SUCCESS and not fact.missing), None)
    if primary is None:
        return ()
    return read_segments(
        primary,
        analysis.read_segments(source.snapshot, primary.key),
        control=source.control,
        variations=source.others,
        rules=source.rules,
    )


def _read_triggered(source: Source) -> Triggered | None:
    snapshot = source.snapshot
    return read_triggered(
        source.facts,
        {fact.key: analysis.read_triggered(snapshot, fact.key) for fact in source.facts},
        n_units=snapshot.triggered.get("n_units", {}),
        n_all=snapshot.total_units,
        control=source.control,
        variations=source.others,
        weights_bp=source.phase.read_weights(),
        rules=source.rules,
        is_last_look=source.is_last_look,
    )
