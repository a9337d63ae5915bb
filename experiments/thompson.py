"""Thompson sampling: weights that follow what pays, at the price of a weaker answer to what works."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.bucketing import BUCKETS
from experiments.stats import Arm, Inconclusive, Kind, StatsError, linearise
from experiments.stats.proportion import count_successes

N_DRAWS = 20_000
LEAST_UNITS = 100


@dataclass(frozen=True, slots=True)
class Allocation:
    """The next batch's weights.

    Attributes:
        weights_bp: (variation, weight in basis points) in the order given, summing to 10,000.
        chances: (variation, chance that it is the best one), before the floor.
    """

    weights_bp: tuple[tuple[str, int], ...]
    chances: tuple[tuple[str, float], ...]


def allocate(
    *,
    arms: Mapping[str, Arm],
    seed: str,
    kind: Kind = "proportion",
    floor_share: float = 0.1,
    is_higher_better: bool = True,
) -> Allocation | Inconclusive:
    """Return weights for the next batch: each variation's chance of being the best, above a floor.

    Run it once a day. What it costs: an allocation that follows the outcomes makes the sums of all days misleading.
    Arms that were unlucky early stay small and look worse than they are, and a fixed test over all days rejects "no
    difference" too often. Changed weights are therefore another phase: compare within phases, join them by
    `combine_phases`, and read them by `always_valid` alone. And a small arm tells little: the same traffic finds
    a difference with less power than an even split would.

    Args:
        arms: outcomes of each variation so far, all phases together.
        seed: text that names the batch (the phase's salt and the day), so that a repeated run gives the same weights.
        kind: what the metric is: Beta posteriors with a flat prior for proportions, normal ones for means and ratios.
        floor_share: least weight of each variation, so that none starves; 0 up to one over their number.
        is_higher_better: False for latency or errors.

    Returns:
        The weights; Inconclusive with fewer than two variations, or for means and ratios below 100 units in one or
        without variance in any. The caller then keeps the weights that it has.

    Raises:
        StatsError: a floor that the variations cannot all have, or an arm that is not of the kind.

    Source:
        Thompson 1933; Chapelle and Li 2011, "An empirical evaluation of Thompson sampling"; batches as in Scott 2010,
        "A modern Bayesian look at the multi-armed bandit" (probability matching).
    """
    if not 0 <= floor_share * len(arms) <= 1:
        raise StatsError("floor_share", f"{floor_share!r} for each of {len(arms)} is not within 0..1 altogether.")
    if len(arms) < 2:
        return Inconclusive("one_variation", "An allocation needs at least two variations to choose from.")
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    draws = _draw_shares(arms, generator) if kind == "proportion" else _draw_means(arms, kind, generator)
    if isinstance(draws, Inconclusive):
        return draws
    best = (draws if is_higher_better else -draws).argmax(axis=1)
    chances = np.bincount(best, minlength=len(arms)) / N_DRAWS
    weights = floor_share + (1 - floor_share * len(arms)) * chances
    return Allocation(
        weights_bp=tuple(zip(arms, _round_to_buckets(weights.tolist()), strict=True)),
        chances=tuple(zip(arms, chances.tolist(), strict=True)),
    )


def _draw_shares(arms: Mapping[str, Arm], generator: np.random.Generator) -> NDArray[np.float64]:
    """Return posterior draws of every share, shape (N_DRAWS, n_arms)."""
    successes = np.array([count_successes(arm, "arms") for arm in arms.values()])
    units = np.array([arm.n for arm in arms.values()])
    return generator.beta(1 + successes, 1 + units - successes, size=(N_DRAWS, len(arms)))


def _draw_means(
    arms: Mapping[str, Arm], kind: Kind, generator: np.random.Generator
) -> NDArray[np.float64] | Inconclusive:
    """Return posterior draws of every mean, shape (N_DRAWS, n_arms), or why there are none."""
    as_means = []
    for arm in arms.values():
        if arm.n < LEAST_UNITS:
            return Inconclusive("too_few_units", f"A variation has {arm.n} units; {LEAST_UNITS} are needed.")
        linear = linearise(arm) if kind == "ratio" else arm
        if isinstance(linear, Inconclusive):
            return linear
        as_means.append(linear)
    spreads = [arm.standard_error for arm in as_means]
    if not all(spreads):
        return Inconclusive("no_variance", "A variation's units all have the same value; wait for the metric to move.")
    return generator.normal([arm.mean_y for arm in as_means], spreads, size=(N_DRAWS, len(arms)))


def _round_to_buckets(weights: Sequence[float]) -> list[int]:
    """Return whole basis points that sum to 10,000, the largest remainders rounded up."""
    exact = [weight * BUCKETS for weight in weights]
    rounded = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: rounded[index] - exact[index])
    for index in by_remainder[: BUCKETS - sum(rounded)]:
        rounded[index] += 1
    return rounded
