"""From one snapshot of a phase to its verdict, with the readings and quality checks that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.guardrails import find_guard_units, find_level
from experiments.metrics import MetricDefinition
from experiments.models import Design, Experiment, Phase, RampChange, Snapshot, Status
from experiments.plan import Plan
from experiments.report import quality, words
from experiments.report.facts import MetricFacts, Rules
from experiments.report.gathering import find_order, gather_metrics
from experiments.report.preference import read_preference, weigh_preference
from experiments.report.readings import read_metrics
from experiments.report.values import Decision, LeftOut, MetricLine, Preference, SampleRatio
from experiments.report.weighing import weigh_arms
from experiments.verdict import ArmEvidence, Evidence, Question, decide

QUESTIONS: Mapping[str, Question] = {Design.AA.value: "aa", Design.INTERLEAVING.value: "interleaving"}


@dataclass(frozen=True, slots=True)
class Source:
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

    @property
    def is_last_look(self) -> bool:
        """Whether the result is read for good."""
        return self.rules.is_over or self.is_stopped


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and what it rests on."""

    decision: Decision
    metrics: tuple[MetricLine, ...]
    preference: Preference | None
    left_out: LeftOut
    sample_ratio: SampleRatio


def gather(
    phase: Phase,
    plan: Plan,
    snapshot: Snapshot,
    *,
    definitions: Mapping[str, MetricDefinition],
    changes: Sequence[RampChange],
) -> Source:
    """All that is read of a phase.

    Args:
        phase: With its experiment, whose variations are at hand.
        plan: The phase's.
        snapshot: The one to read.
        definitions: The metrics to read, by key.
        changes: The phase's, newest first.
    """
    experiment = phase.experiment
    facts = gather_metrics(snapshot, plan, definitions)
    weights = phase.read_weights()
    keys = [key for key, _ in weights]
    rows = list(experiment.variations.all())
    control = next((row.key for row in rows if row.is_control), keys[0])
    featured = [key for key, weight_bp in weights if weight_bp and key != control]
    end_at = plan.planned_end_at
    return Source(
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
        changes=tuple(changes),
    )


def judge(source: Source) -> Judgement:
    """Read metrics and quality, and decide."""
    snapshot = source.snapshot
    metrics = read_metrics(source.facts, control=source.control, variations=source.others, rules=source.rules)
    preference = _read_preference(source)
    left_out = quality.count_left_out(
        snapshot.total_units,
        n_crossover=snapshot.n_crossover,
        n_merged=snapshot.n_merged,
        n_forced=snapshot.n_forced,
    )
    ratio = quality.check_sample_ratio(source.phase.read_weights(), snapshot.n_units, is_last_look=source.is_last_look)
    missing = {fact.key: fact.missing for fact in source.facts if fact.missing}
    primary = "" if source.plan.design == Design.INTERLEAVING else source.plan.primary_metric
    faults = quality.find_faults(ratio, left_out, metrics, primary=primary, missing=missing)
    return Judgement(_decide(source, metrics, preference, faults), metrics, preference, left_out, ratio)


def _read_preference(source: Source) -> Preference | None:
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
    source: Source, metrics: tuple[MetricLine, ...], preference: Preference | None, faults: tuple[str, ...]
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
