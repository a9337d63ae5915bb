"""A Thompson run as a whole: its phases have other weights each, so they are compared apart and joined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KeyTransform

from experiments import sums
from experiments.models import Allocation, Phase, RampAction, RampChange, Snapshot
from experiments.report.deciding import Source
from experiments.report.facts import MetricFacts
from experiments.report.quality import check_sample_ratio
from experiments.report.readings import SEQUENTIAL, read_shift
from experiments.report.values import Comparison, Joint, MetricLine
from experiments.stats import Arm, Effect, always_valid, combine_phases, holm
from experiments.verdict import Finding, Role

# A phase lasts a day at least; no run is looked at further back.
MOST_PHASES = 400


@dataclass(frozen=True, slots=True)
class _Part:
    """One phase's outcomes by variation, and whether its split fits its weights."""

    number: int
    arms: Mapping[str, Arm]
    n_units: int
    is_mismatch: bool


def read_joint(source: Source) -> Joint | None:
    """The primary metric over all phases since the run was started, up to the one that is read.

    A phase whose split does not fit its weights is left out. The weights of each phase follow what earlier ones showed,
    so that only the always-valid test may speak, at the planned end too.

    Args:
        source: Of the phase that is read.

    Returns:
        The joint comparison; None without Thompson sampling, and where there is one phase alone.
    """
    primary = next((fact for fact in source.facts if fact.role is Role.SUCCESS and not fact.missing), None)
    if source.plan.allocation != Allocation.THOMPSON or primary is None:
        return None
    parts = _read_parts(source.phase, primary.key)
    if len(parts) < 2:
        return None
    kept = [part for part in parts if not part.is_mismatch]
    return Joint(
        phases=tuple(part.number for part in kept),
        left_out=tuple(part.number for part in parts if part.is_mismatch),
        n_units=sum(part.n_units for part in kept),
        metric=_compare(primary, kept, source),
    )


def _read_parts(phase: Phase, metric: str) -> list[_Part]:
    started = RampChange.objects.filter(
        experiment=phase.experiment_id, action=RampAction.START, phase__number__lte=phase.number
    )
    first = started.values_list("phase__number", flat=True).first()
    newest = Snapshot.objects.filter(phase=OuterRef("pk")).order_by("-is_final", "-taken_at")
    found = (
        Phase.objects.filter(experiment=phase.experiment_id, number__lte=phase.number)
        .filter(number__gte=phase.number if first is None else first)
        .order_by("-number")
        .annotate(
            newest_sums=Subquery(newest.annotate(arms=KeyTransform(metric, "sums")).values("arms")[:1]),
            newest_units=Subquery(newest.values("n_units")[:1]),
        )
        .values_list("number", "weights_bp", "newest_sums", "newest_units")[:MOST_PHASES]
    )
    parts = []
    for number, weights_bp, stored, n_units in reversed(found):
        if stored and n_units:
            # Every phase but the newest is read for good.
            ratio = check_sample_ratio(weights_bp, n_units, is_last_look=number != phase.number)
            parts.append(_Part(number, sums.load(stored), sum(n_units.values()), ratio.is_mismatch))
    return parts


def _compare(primary: MetricFacts, parts: Sequence[_Part], source: Source) -> MetricLine:
    comparisons = [_compare_one(primary, parts, source, variation) for variation in source.others]
    known = [found for found in comparisons if found.shift is not None]
    corrected = holm(p_values=[found.shift.p_value for found in known if found.shift], alpha=source.rules.alpha)
    p_values = {found.variation: p for found, p in zip(known, corrected.p_values, strict=True)}
    return MetricLine(
        key=primary.key,
        name=primary.name,
        description=primary.description,
        role=primary.role.value,
        unit=primary.unit,
        higher_is_better=primary.higher_is_better,
        window_days=primary.window_days,
        comparisons=tuple(
            _decide(found, p_values.get(found.variation), primary, source.rules.alpha, n_compared=len(known))
            for found in comparisons
        ),
    )


def _compare_one(primary: MetricFacts, parts: Sequence[_Part], source: Source, variation: str) -> Comparison:
    empty = Comparison(variation, None, None, None, SEQUENTIAL, None, "", Finding.UNDECIDED.value, "", None, None, None)
    pairs = [(part.arms.get(source.control, Arm()), part.arms.get(variation, Arm())) for part in parts]
    pair = combine_phases(kind=primary.kind, phases=pairs)
    if not isinstance(pair, tuple):
        return replace(empty, reason=pair.reason)
    found = always_valid(
        control=pair[0],
        treatment=pair[1],
        n_planned=max(1, source.rules.n_planned),
        alpha=source.rules.alpha,
    )
    if not isinstance(found, Effect):
        return replace(empty, reason=found.reason)
    return replace(empty, control=found.control, treatment=found.treatment, shift=read_shift(found))


def _decide(
    found: Comparison, p_value: float | None, primary: MetricFacts, alpha: float, *, n_compared: int
) -> Comparison:
    if p_value is None or found.shift is None:
        return found
    finding = Finding.UNDECIDED
    if p_value <= alpha:
        is_better = (found.shift.estimate > 0) == primary.higher_is_better
        finding = Finding.BETTER if is_better else Finding.WORSE
    return replace(found, corrected_p=p_value, correction="Holm" if n_compared > 1 else "", finding=finding.value)
