"""The demo's draft, ready to start: the live campaign against one that is trained otherwise."""

from datetime import datetime, timedelta

from django.conf import settings

from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment, Status
from recommendations.models import Rotation
from recommendations.pipeline.runs import DEFAULT_ROTATION, DEFAULT_SLOT

KEY = "fresh-campaign"
FLAG = "fresh_campaign"
NAME = "A campaign that follows the last looks"
ROTATION = "home-fresh"
# What was looked at a moment ago counts for more than in the live campaign, and what sells well for less.
HYPERPARAMETERS = {"history_decay": 0.5, "popularity_discount": 0.8, "half_life_days": 4}
VARIATIONS = (
    VariationDefinition(
        "control", "The live campaign", {"slot": DEFAULT_SLOT, "rotation": DEFAULT_ROTATION}, is_control=True
    ),
    VariationDefinition("treatment", "Follows the last looks", {"slot": DEFAULT_SLOT, "rotation": ROTATION}),
)
RESEARCH_NOTE = (
    "About a third of all looks repeat a recent one, and sessions keep to one brand and category: the last looks say "
    "more than a month's history. The live campaign weighs both alike."
)
CHANGE = "Recommended For You is filled by a campaign that follows the last looks, for whoever has a history."
GUARDRAILS = (
    {"metric": "page_latency", "margin": 0.15},
    {"metric": "page_errors", "margin": 0.5},
    {"metric": "clicks_outside_row", "margin": 0.1},
    {"metric": "orders_per_shopper", "margin": 0.1},
)
PLANNED_DAYS = 28


def ensure_rotation() -> Rotation:
    """The rotation of the draft's treatment, made where it is missing; an admin's changes stay."""
    rotation, _ = Rotation.objects.get_or_create(
        key=ROTATION,
        defaults={"slot": DEFAULT_SLOT, "recipe": "aws-user-personalization", "hyperparameters": HYPERPARAMETERS},
    )
    return rotation


def ensure_draft() -> Experiment:
    """The draft with its complete plan, made where it is missing; what somebody changed stays.

    A draft that waited beyond its planned end gets another one, or nobody could start it.
    """
    known = Experiment.objects.filter(key=KEY).first()
    if known is None:
        return _make_draft(ensure_experiment(key=KEY, name=NAME, flag_name=FLAG, variations=VARIATIONS))
    is_late = known.planned_end_at is not None and known.planned_end_at <= settings.CLOCK.now()
    if known.status == Status.DRAFT and is_late and not known.phases.exists():
        known.planned_end_at = _planned_end()
        known.save(update_fields=["planned_end_at"])
    return known


def _make_draft(experiment: Experiment) -> Experiment:
    experiment.research_note, experiment.change = RESEARCH_NOTE, CHANGE
    experiment.primary_metric = "homepage_ctr"
    experiment.secondary_metrics = ["recommended_ctr", "conversion", "revenue_per_shopper"]
    experiment.expected_effect, experiment.mde = 0.05, 0.05
    experiment.guardrails = list(GUARDRAILS)
    experiment.planned_end_at = _planned_end()
    experiment.save()
    return experiment


def _planned_end() -> datetime:
    return settings.CLOCK.now().replace(second=0, microsecond=0) + timedelta(days=PLANNED_DAYS)
