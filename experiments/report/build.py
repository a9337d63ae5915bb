"""Builds the report of one phase from its newest snapshot, in few queries whatever the traffic was."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from experiments import analysis, conf
from experiments.exceptions import ExperimentsError, UnknownExperiment
from experiments.guardrails import find_guard_units, find_level
from experiments.metrics import all_metrics
from experiments.models import Design, Experiment, Phase, RampChange, Snapshot, Status
from experiments.plan import Plan, read_plan
from experiments.report import quality, words
from experiments.report.facts import MetricFacts, Rules
from experiments.report.framing import describe_phase, describe_question, list_variations
from experiments.report.gathering import find_order, gather_metrics
from experiments.report.history import read_history
from experiments.report.preference import read_preference, weigh_preference
from experiments.report.readings import read_metrics
from experiments.report.slices import read_funnel, read_segments, read_triggered
from experiments.report.values import Decision, MetricLine, Preference, Report, SegmentLine, Triggered
from experiments.report.weighing import weigh_arms
from experiments.verdict import ArmEvidence, Evidence, Question, Role, decide

QUESTIONS: Mapping[str, Question] = {Design.AA.value: "aa", Design.INTERLEAVING.value: "interleaving"}


class UnknownPhase(ExperimentsError):
    """The experiment has no phase of this number."""

    code = "unknown_phase"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the parts of one report are read from."""

    experiment: Experiment
    phase: Phase
    plan: Plan
    snapshot: Snapshot
    facts: tuple[MetricFacts, ...]
    rules: Rules
    control: str
    others: tuple[str, ...]
    names: Mapping[str, str]
    is_stopped: bool
    changes: tuple[RampChange, ...]


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
    experiment = Experiment.objects.select_related("flag").prefetch_related("variations").filter(key=key).first()
    if experiment is None:
        raise UnknownExperiment(key)
    phases = list(experiment.phases.order_by("number"))
    phase = _find_phase(experiment, phases, phase_number)
    if phase is not None:
        phase.experiment = experiment
    snapshot = analysis.latest(phase.pk) if phase is not None else None
    made_at = now or conf.now()
    report = _frame(experiment, phases, phase, snapshot, made_at)
    if phase is None or snapshot is None:
        return report
    return _fill(report, _gather(experiment, phase, snapshot))


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


def _gather(experiment: Experiment, phase: Phase, snapshot: Snapshot) -> _Source:
    plan = read_plan(phase)
    facts = gather_metrics(snapshot, plan, all_metrics())
    keys = [key for key, _ in phase.read_weights()]
    rows = list(experiment.variations.all())
    control = next((row.key for row in rows if row.is_control), keys[0])
    featured = [key for key, weight_bp in phase.read_weights() if weight_bp and key != control]
    end_at = plan.planned_end_at
    return _Source(
        experiment=experiment,
        phase=phase,
        plan=plan,
        snapshot=snapshot,
        facts=facts,
        rules=Rules(
            alpha=plan.alpha,
            n_planned=plan.planned_units,
            is_over=end_at is not None and snapshot.taken_at >= end_at,
            guard_alpha=find_level(plan, n_featured=max(1, len(featured))),
            guard_units=find_guard_units(plan.planned_units),
        ),
        control=control,
        others=tuple(find_order(keys, facts, control)),
        names={row.key: row.name for row in rows},
        is_stopped=phase.ended_at is not None or experiment.status == Status.ROLLED_BACK,
        changes=tuple(phase.ramp_changes.order_by("-id")[: words.MOST_CHANGES]),
    )


def _fill(report: Report, source: _Source) -> Report:
    """The report with everything that the snapshot tells."""
    snapshot, rules = source.snapshot, source.rules
    metrics = read_metrics(source.facts, control=source.control, variations=source.others, rules=rules)
    preference = _read_preference(source)
    left_out = quality.count_left_out(
        snapshot.total_units,
        n_crossover=snapshot.n_crossover,
        n_merged=snapshot.n_merged,
        n_forced=snapshot.n_forced,
    )
    ratio = quality.check_sample_ratio(
        source.phase.read_weights(),
        snapshot.n_units,
        is_last_look=rules.is_over or source.is_stopped,
    )
    missing = {fact.key: fact.missing for fact in source.facts if fact.missing}
    primary = "" if source.plan.design == Design.INTERLEAVING else source.plan.primary_metric
    faults = quality.find_faults(ratio, left_out, metrics, primary=primary, missing=missing)
    history = read_history(source.phase, source.plan.primary_metric, source.others)
    return replace(
        report,
        decision=_decide(source, metrics, preference, faults),
        cautions=words.find_cautions(
            source.experiment, source.phase, snapshot, metrics, report.made_at, changes=source.changes
        ),
        left_out=left_out,
        sample_ratio=ratio,
        metrics=metrics,
        preference=preference,
        exposures=history.exposures,
        history=history.lines,
        funnel=read_funnel(source.facts, (source.control, *source.others), conf.funnel_metrics()),
        segments=_read_segments(source),
        triggered=_read_triggered(source),
        method=words.describe_method(
            source.plan,
            rules,
            left_out,
            len(source.others) + 1,
            is_adjusted=any(found.adjusted for metric in metrics for found in metric.comparisons),
        ),
    )


def _read_preference(source: _Source) -> Preference | None:
    if source.plan.design != Design.INTERLEAVING or not source.others:
        return None
    name = source.names.get
    second = source.others[0]
    return read_preference(
        source.snapshot.interleaving or {},
        first=name(source.control, source.control),
        second=name(second, second),
        rules=source.rules,
    )


def _decide(
    source: _Source, metrics: tuple[MetricLine, ...], preference: Preference | None, faults: tuple[str, ...]
) -> Decision:
    arms: tuple[ArmEvidence, ...] = weigh_arms(metrics, source.others, source.names, is_over=source.rules.is_over)
    n_units = source.snapshot.total_units
    if preference is not None:
        arms = (weigh_preference(preference, is_over=source.rules.is_over),)
        n_units = max(n_units, preference.n_units)
    verdict = decide(
        Evidence(
            design=QUESTIONS.get(source.plan.design, "ab"),
            is_over=source.rules.is_over,
            n_units=n_units,
            faults=faults if n_units else (),
            arms=arms,
            is_stopped=source.is_stopped,
            tripped=words.find_trip(source.changes),
        )
    )
    return Decision(verdict.outcome.value, verdict.title, verdict.reason, verdict.variation)


def _read_segments(source: _Source) -> tuple[SegmentLine, ...]:
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


def _read_triggered(source: _Source) -> Triggered | None:
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
        is_last_look=source.rules.is_over or source.is_stopped,
    )
