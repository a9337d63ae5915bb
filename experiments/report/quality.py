"""PURE quality checks: whether the counts themselves can be trusted before any metric is read."""

from collections.abc import Mapping, Sequence

from experiments.crossover import ALARM_SHARE, CrossoverShare
from experiments.formats import write_p
from experiments.health import SRM_LEVEL
from experiments.report.values import LeftOut, MetricLine, SampleRatio
from experiments.stats import Inconclusive, sample_ratio_mismatch


def check_sample_ratio(
    weights_bp: Sequence[tuple[str, int]], n_units: Mapping[str, int], *, is_last_look: bool
) -> SampleRatio:
    """Whether the units counted fit the weights: always-valid while one keeps looking, chi-square at the read-out.

    A phase's weights never move: Thompson sampling opens another phase for new ones.

    Args:
        weights_bp: (variation, basis points) of the phase.
        n_units: Analysed units by variation.
        is_last_look: Whether the result is read for good.
    """
    found = sample_ratio_mismatch(
        counts=[n_units.get(key, 0) for key, _ in weights_bp],
        weights=[weight for _, weight in weights_bp],
        alpha=SRM_LEVEL,
    )
    if isinstance(found, Inconclusive):
        return SampleRatio(None, None, is_mismatch=False, sentence=found.reason)
    is_mismatch = found.is_mismatch if is_last_look else found.is_anytime_mismatch
    p_value = found.p_value if is_last_look else found.anytime_p_value
    how = "chi-square" if is_last_look else "always-valid"
    if is_mismatch:
        sentence = (
            f"The split differs from the weights ({how} p {write_p(p_value)}, alarm below {SRM_LEVEL:g}): units are "
            "lost or counted twice in one variation, so no comparison can be trusted."
        )
    else:
        sentence = f"The split fits the weights ({how} p {write_p(p_value)}, alarm below {SRM_LEVEL:g})."
    return SampleRatio(found.p_value, found.anytime_p_value, is_mismatch, sentence)


def count_left_out(n_analysed: int, *, n_crossover: int, n_merged: int, n_forced: int) -> LeftOut:
    """Units that are no part of any result, and whether those in two variations are too many."""
    crossover = CrossoverShare(n_analysed + n_crossover, n_crossover)
    return LeftOut(n_crossover, crossover.share, n_merged, n_forced, crossover.is_alarm)


def find_faults(
    ratio: SampleRatio, left_out: LeftOut, metrics: Sequence[MetricLine], *, primary: str, missing: Mapping[str, str]
) -> tuple[str, ...]:
    """Failed quality checks, a sentence each; any of them makes the experiment invalid.

    Args:
        ratio: The split's check.
        left_out: Units in two variations.
        metrics: As read.
        primary: Key of the metric that decides.
        missing: Why metrics could not be read, by key.
    """
    faults = [ratio.sentence] if ratio.is_mismatch else []
    if left_out.is_alarming:
        faults.append(
            f"{left_out.crossover_share:.1%} of units saw two variations ({left_out.n_crossover:,}; at most "
            f"{ALARM_SHARE:.0%} is tolerated): identities are mixed up, so the variations are too."
        )
    name = next((metric.name for metric in metrics if metric.key == primary), primary)
    if primary and primary in missing:
        faults.append(f"The primary metric {name!r} cannot be read. {missing[primary]}")
    return tuple(faults)
