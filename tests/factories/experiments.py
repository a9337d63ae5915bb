"""Experiments that are ready to start."""

from datetime import timedelta
from typing import Any

from experiments.conf import now
from experiments.models import Experiment


def plan_experiment(experiment: Experiment, **fields: Any) -> Experiment:
    """Fill in all that `start` asks for, or the given fields instead; save and return it."""
    plan: dict[str, Any] = {
        "research_note": "Shoppers ask for fewer, better shoes; an earlier test of another shop found +5%.",
        "change": "The row Recommended For You takes the place of the second row, for everybody.",
        "primary_metric": "homepage_ctr",
        "expected_effect": 0.05,
        "mde": 0.03,
        "planned_end_at": now() + timedelta(days=28),
        "guardrails": [{"metric": "orders_per_shopper", "margin": 0.02}],
        **fields,
    }
    for name, value in plan.items():
        setattr(experiment, name, value)
    experiment.save(update_fields=list(plan))
    return experiment
