"""Measures a solution's recipe on users that are held out, as Amazon Personalize does before it trains for good."""

import logging

from recommendations.engine.evaluation.asking import METRICS, evaluate
from recommendations.engine.evaluation.splits import hold_out_users
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import build_recommender
from recommendations.engine.training import ShouldStop
from recommendations.models.resources import Solution

logger = logging.getLogger(__name__)

# More users narrow the figures little and cost time in proportion.
MAX_CASES = 2_000


def measure(solution: Solution, interactions: Interactions, *, should_stop: ShouldStop) -> dict[str, float]:
    """Train the recipe on nine users in ten, and ask it for the newest tenth of each other user's events.

    Args:
        solution: recipe and settings.
        interactions: what it is trained on.
        should_stop: asked often.

    Returns:
        Amazon Personalize's metrics by their names; empty where the data are too few to hold users out.

    Raises:
        TrainingStopped: `should_stop` returned true.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics".
    """
    try:
        split = hold_out_users(interactions, max_users=MAX_CASES)
    except NotEnoughData:
        return {}
    model = build_recommender(
        solution.recipe, solution.hyperparameters, solution.event_weights or None, questions="newest_tenth"
    )
    model.fit(split.train, budget_s=solution.training_budget_s, should_stop=should_stop)
    try:
        found = evaluate(model, split, n_resamples=1)
    except NotEnoughData:
        return {}
    figures = {name: found.metric(name).value for name in METRICS}
    return figures | {"coverage": found.coverage}
