"""Which parts of a blend may take part in a training, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun

# The share of a budget that parts take which train for minutes, and the fewest CPU-seconds that are worth it.
LONG_SHARE = (0.1, 0.8)
LEAST_LONG_S = 20.0
# A part that answers newcomers, or scores new items, keeps at least this weight, which moves nothing in other lists.
LEAST_FOR_COLD = 0.001


@dataclass(frozen=True, slots=True)
class Eligible:
    """Parts by name in their order: untrained models that may take part, and for each other why it may not."""

    able: dict[str, Recommender]
    left_out: dict[str, str]


def find_eligible(
    parts: Mapping[str, Recommender],
    substitutes: Mapping[str, str],
    interactions: Interactions,
    run: TrainingRun,
    *,
    ignores_budget: bool = False,
) -> Eligible:
    """Return the parts that suit the data and the budget.

    Args:
        parts: untrained models by name.
        substitutes: for a part, the name of the one whose place it takes where that one does not suit the data.
        interactions: what is trained on.
        run: the training, with its budget.
        ignores_budget: whether a part that trains for minutes may take part without a budget too.
    """
    able = {name: part for name, part in parts.items() if part.suits(interactions)}
    left_out = {name: "it does not suit the data" for name in parts if name not in able}
    for name, original in substitutes.items():
        if original in able and able.pop(name, None) is not None:
            left_out[name] = f"{original} takes its place"
    room = (run.allowance_s or 0.0) * (LONG_SHARE[1] - LONG_SHARE[0])
    if not ignores_budget and room < LEAST_LONG_S:
        left_out |= {name: _say_budget(run.budget_s) for name, part in able.items() if part.trains_long}
        able = {name: part for name, part in able.items() if name not in left_out}
    return Eligible(able, left_out)


def keep_for_cold(chosen: Mapping[str, float], able: Mapping[str, Recommender]) -> dict[str, float]:
    """Return the weights with one part that answers newcomers, the first there is, where none has any."""
    answering = [name for name, part in able.items() if part.recommends_for_cold]
    if not answering or any(chosen[name] > 0 for name in answering):
        return dict(chosen)
    return {**chosen, answering[0]: LEAST_FOR_COLD}


def keep_for_untouched(chosen: Mapping[str, float], able: Mapping[str, Recommender]) -> dict[str, float]:
    """Return the weights with every part that scores items without an event, which no other does."""
    least = {name: LEAST_FOR_COLD for name, part in able.items() if part.answers_untouched}
    return {**chosen, **{name: max(chosen.get(name, 0.0), weight) for name, weight in least.items()}}


def _say_budget(budget_s: float | None) -> str:
    least_s = LEAST_LONG_S / (LONG_SHARE[1] - LONG_SHARE[0])
    given = "no budget is given" if budget_s is None else f"the budget is {budget_s:g}"
    return f"it trains for minutes, which takes {least_s:.0f} CPU-seconds or more, and {given}"
