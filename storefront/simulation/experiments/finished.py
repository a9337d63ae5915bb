"""The demo's finished experiment: its question and plan, as somebody would have written them before it began."""

from datetime import datetime, timedelta

from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment
from storefront.simulation.experiments.parameters import TrialParameters

KEY = "trending-second-row"
FLAG = "trending_second_row"
NAME = "Trending now as the second row"
CONTROL, TREATMENT = "control", "treatment"
VARIATIONS = (
    VariationDefinition(CONTROL, "Also popular", {"rule": "most-popular"}, is_control=True),
    VariationDefinition(TREATMENT, "Trending now", {"rule": "trending"}),
)
# The keys of the second rows that these payloads show.
ROWS = {CONTROL: "also-popular", TREATMENT: "trending"}

RESEARCH_NOTE = (
    "Simulated: the demo invented this experiment's shoppers, clicks and purchases, and put them through the shop's "
    "own assignment, tables and statistics. Two rows of bestsellers show much of the same; in interviews shoppers "
    "asked what is new and moving."
)
CHANGE = "The second row shows what rises in the last day, in place of more bestsellers, to everybody."
STEPS = (
    {"seen_bp": 250, "hours": 24, "min_units": 3, "needs_approval": False},
    {"seen_bp": 750, "hours": 24, "min_units": 10, "needs_approval": False},
    {"seen_bp": 1500, "hours": 24, "min_units": 20, "needs_approval": False},
    {"seen_bp": 3000, "hours": 24, "min_units": 40, "needs_approval": False},
)
GUARDRAILS = ({"metric": "page_latency", "margin": 0.15}, {"metric": "clicks_outside_row", "margin": 0.2})


def define(parameters: TrialParameters, *, starts_at: datetime) -> Experiment:
    """The experiment as a draft with a complete plan, made where it is missing.

    Args:
        parameters: for how many days it was planned.
        starts_at: when it was to begin.
    """
    experiment = ensure_experiment(key=KEY, name=NAME, flag_name=FLAG, variations=VARIATIONS)
    experiment.is_simulated = True
    experiment.created_at = starts_at - timedelta(days=1)
    experiment.research_note, experiment.change = RESEARCH_NOTE, CHANGE
    experiment.primary_metric = "homepage_ctr"
    experiment.secondary_metrics = ["conversion", "row_two_ctr", "revenue_per_shopper"]
    experiment.expected_effect, experiment.mde = 0.15, 0.12
    experiment.alpha, experiment.power = 0.05, 0.8
    experiment.guardrails, experiment.steps = list(GUARDRAILS), list(STEPS)
    experiment.planned_end_at = starts_at + timedelta(days=parameters.days)
    experiment.save()
    return experiment
