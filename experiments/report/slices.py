"""The same metrics among parts of the units: rows of the page, segments, units whose variations differ."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from experiments.report.facts import MetricFacts, Rules
from experiments.report.quality import check_sample_ratio
from experiments.report.readings import read_metrics
from experiments.report.values import FunnelLine, SegmentLine, Triggered
from experiments.stats import Arm, benjamini_hochberg
from experiments.verdict import Role

# Attributes have few values by contract; more would be no segments but a list of units.
MOST_SEGMENTS = 24
RATIO = "Clicked"
UNLIKE = "Whom the variations differ for depends on the variation, so these shoppers are not compared."


def read_funnel(
    metrics: Sequence[MetricFacts], variations: Sequence[str], rows: Mapping[str, Mapping[str, str]]
) -> tuple[FunnelLine, ...]:
    """What became of each row of the page, step by step, in each variation.

    Args:
        metrics: All facts of the phase.
        variations: Keys, control first.
        rows: Each row's steps: a word and its ratio's key; every ratio that is a share where no row is given.
    """
    ratios = {metric.key: metric for metric in metrics if metric.kind == "ratio" and not metric.missing}
    shares = {metric.name: {RATIO: key} for key, metric in ratios.items() if metric.unit == "share"}
    return tuple(
        FunnelLine(
            row=name,
            step=step,
            variation=variation,
            n_units=arm.n,
            n_of=arm.n * arm.mean_x,
            n_reached=arm.n * arm.mean_y,
            rate=arm.mean_y / arm.mean_x if arm.mean_x else None,
        )
        for name, steps in (rows or shares).items()
        for step, key in steps.items()
        if key in ratios
        for variation in variations
        if (arm := ratios[key].arms.get(variation)) is not None
    )


def read_segments(
    primary: MetricFacts,
    segments: Mapping[tuple[str, str], Mapping[str, Arm]],
    *,
    control: str,
    variations: Sequence[str],
    rules: Rules,
) -> tuple[SegmentLine, ...]:
    """The primary metric in each segment, corrected for their number by Benjamini and Hochberg.

    Args:
        primary: What the metric is.
        segments: Each variation's arm by (attribute, value).
        control: Control's key.
        variations: Keys of the others.
        rules: The phase's; a segment has no history of looks, so its own part of the units is read as it is.
    """
    lines = []
    for (attribute, value), arms in sorted(segments.items())[:MOST_SEGMENTS]:
        facts = replace(
            primary, role=Role.EXPLORATORY, arms=arms, covariates={}, previous_p={}, previous_sign={}, margin=None
        )
        total = sum(arm.n for arm in primary.arms.values())
        share = sum(arm.n for arm in arms.values()) / total if total else 0.0
        part = replace(rules, n_planned=max(1, round(rules.n_planned * share)))
        (line,) = read_metrics([facts], control=control, variations=variations, rules=part)
        n_units = {key: arm.n for key, arm in arms.items()}
        lines += [
            SegmentLine(
                attribute=attribute,
                value=value,
                variation=comparison.variation,
                n_units=n_units.get(control, 0) + n_units.get(comparison.variation, 0),
                comparison=comparison,
            )
            for comparison in line.comparisons
        ]
    return _correct(lines, rules.alpha)


def read_triggered(
    metrics: Sequence[MetricFacts],
    triggered: Mapping[str, Mapping[str, Arm]],
    *,
    n_units: Mapping[str, int],
    n_all: int,
    control: str,
    variations: Sequence[str],
    weights_bp: Sequence[tuple[str, int]],
    rules: Rules,
    is_last_look: bool,
) -> Triggered | None:
    """The success metrics among units whose variations really differ; None where that holds for all or for nobody.

    Whether they differ must not depend on the variation. Where the split of these units says that it did, they are no
    longer alike, and nothing is compared.

    Args:
        metrics: All facts of the phase.
        triggered: Arms by metric and variation, of those units.
        n_units: How many they are, by variation.
        n_all: All analysed units.
        control: Control's key.
        variations: Keys of the others.
        weights_bp: (variation, basis points) of the phase.
        rules: The phase's.
        is_last_look: Whether the result is read for good.
    """
    n_triggered = sum(n_units.values())
    if not n_triggered or n_triggered >= n_all:
        return None
    ratio = check_sample_ratio(weights_bp, n_units, is_last_look=is_last_look)
    if ratio.is_mismatch:
        return Triggered(n_triggered, n_triggered / n_all, (), replace(ratio, sentence=f"{UNLIKE} {ratio.sentence}"))
    facts = [
        replace(metric, arms=triggered[metric.key], covariates={}, previous_p={}, previous_sign={}, margin=None)
        for metric in metrics
        if metric.role is Role.SUCCESS and triggered.get(metric.key)
    ]
    part = replace(rules, n_planned=max(1, round(rules.n_planned * n_triggered / n_all)))
    lines = read_metrics(facts, control=control, variations=variations, rules=part)
    return Triggered(n_triggered, n_triggered / n_all, lines, ratio)


def _correct(lines: Sequence[SegmentLine], alpha: float) -> tuple[SegmentLine, ...]:
    known = [line for line in lines if line.comparison.corrected_p is not None]
    corrected = benjamini_hochberg(p_values=[line.comparison.corrected_p or 0.0 for line in known], alpha=alpha)
    p_values = dict(zip(map(id, known), corrected.p_values, strict=True))
    return tuple(
        replace(
            line,
            comparison=replace(
                line.comparison,
                corrected_p=p_values[id(line)],
                correction="Benjamini-Hochberg",
                finding=line.comparison.finding if p_values[id(line)] <= alpha else "undecided",
            ),
        )
        if id(line) in p_values
        else line
        for line in lines
    )
