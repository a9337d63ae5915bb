"""What a run trained: the parts of its model and their weights, what took no part and why, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommendations.admin.room.bars import Bar, Figure, draw_bar


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a blend: its weight as a bar from 0 to the greatest, or why it has none."""

    name: str
    weight: str
    bar: Bar | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model; `parts` is empty for one without parts."""

    network: str
    warm_start: str
    cost: str
    data: str
    parts: tuple[Part, ...]


def describe_model(report: Mapping[str, Any]) -> Model | None:
    """Return what a run's report tells of its training, or None where it tells nothing.

    Args:
        report: of the run.
    """
    facts = report.get("train", {}).get("training")
    if not facts:
        return None
    weights: Mapping[str, float] = facts["weights"]
    greatest = max((abs(weight) for weight in weights.values()), default=1.0)
    parts = [Part(name, f"{weight:g}", draw_bar(Figure(abs(weight)), greatest)) for name, weight in _by_weight(weights)]
    parts += [Part(name, "0", None, reason) for name, reason in sorted(facts["left_out"].items())]
    return Model(
        network=facts["network"],
        warm_start=facts["warm_start"],
        cost=_cost(facts),
        data=_data(facts),
        parts=tuple(parts),
    )


def _by_weight(weights: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(weights.items(), key=lambda pair: (-abs(pair[1]), pair[0]))


def _cost(facts: Mapping[str, Any]) -> str:
    budget = "no budget was set" if facts["budget_s"] is None else f"of a budget of {facts['budget_s']:,.0f}"
    return f"{facts['cpu_s']:,.1f} CPU-seconds, {budget}; at most {facts['peak_rss_mb']:,.0f} MiB of memory"


def _data(facts: Mapping[str, Any]) -> str:
    return f"{facts['n_interactions']:,} events of {facts['n_users']:,} shoppers on {facts['n_items']:,} items"
