"""Evaluate: what the recipe foretells of held-out shoppers, beside popularity and beside the live model."""

from typing import Any

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.asking import NDCG_AT_25
from recommendations.engine.evaluation.splits import Split
from recommendations.engine.interactions import Interactions
from recommendations.exceptions import RecommendationsError
from recommendations.models import Deployment, LiveCampaign
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext
from recommendations.pipeline.etl.loading import load_datasets
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.judging import judge
from recommendations.pipeline.gates.offline import (
    HELD_OUT_USERS,
    MEASURED,
    MIN_CASES,
    Paired,
    cases_since,
    check_drop,
    check_measured_drop,
    check_paired,
    compare_with_live,
    paired_bound,
)
from recommendations.pipeline.gates.results import GateResult, not_judged
from recommendations.pipeline.offline import measure, to_json
from recommendations.pipeline.steps.export import export_path, export_paths
from recommendations.ports import Ranker

NOTHING_LIVE = "Nothing is live yet."
LENDS_NONE = "The backend lends no model out."


def run(context: StepContext) -> Outcome:
    """Measure once; the figures go with the run and with the side it builds."""
    if context.backend.measures:
        return _take_measured(context)
    path = export_path(context.run)
    key = context.rotation.key
    if not path.exists():
        return Failed(f"The export {path} is gone.", f"Start afresh: manage.py retrain {key} --abandon, then retrain.")
    bounds = GateBounds.parse(context.rotation.gates)
    interactions = load_datasets(export_paths(context.run))
    beside_live = _BesideLive(context, interactions, bounds)
    comparisons = measure(interactions, context.rotation, progress=context.progress, on_fitted=beside_live.take)
    metrics = to_json(comparisons)
    gates = [beside_live.gate, _drop(beside_live.live, metrics, bounds)]
    context.backend.control.keep_metrics(context.deployment.solution_version_arn, metrics)
    kept, failure = judge(context.run, gates, metrics | beside_live.figures)
    if failure is not None:
        return failure
    note = "; ".join(each.headline() for each in comparisons if each.repeats) or "too little data to measure on"
    return Done(note, figures=kept, deployment={"metrics": metrics})


def _take_measured(context: StepContext) -> Outcome:
    """Judge what the backend measured of its own model: it lends none out, and trains as it likes."""
    bounds = GateBounds.parse(context.rotation.gates)
    version = context.backend.control.find_solution_version(context.run.resource_name)
    metrics = {MEASURED: dict(version.metrics) if version is not None else {}}
    pointer = LiveCampaign.objects.select_related("deployment").filter(rotation=context.rotation).first()
    gates = [
        not_judged("offline_paired", paired_bound(bounds), LENDS_NONE if pointer is not None else NOTHING_LIVE),
        check_measured_drop(metrics, pointer.deployment.metrics if pointer is not None else {}, bounds),
    ]
    kept, failure = judge(context.run, gates, metrics)
    if failure is not None:
        return failure
    ndcg = metrics[MEASURED].get(NDCG_AT_25)
    note = "the backend measured nothing" if ndcg is None else f"NDCG@25 {ndcg:.4f}, as the backend measures it"
    return Done(note, figures=kept, deployment={"metrics": metrics})


class _BesideLive:
    """Asks the recipe, as it was trained without the held-out shoppers, and the live model the same questions.

    Attributes:
        live: the side that is live, or None.
        gate: what came of it.
        figures: both models' NDCG@25 and the difference, under "against_live"; empty where it was not measured.
    """

    def __init__(self, context: StepContext, interactions: Interactions, bounds: GateBounds) -> None:
        self._context, self._interactions, self._bounds = context, interactions, bounds
        pointer = LiveCampaign.objects.select_related("deployment").filter(rotation=context.rotation).first()
        self.live = pointer.deployment if pointer is not None else None
        self.gate = self._skip(NOTHING_LIVE if self.live is None else "There are too few shoppers to hold any out.")
        self.figures: dict[str, Any] = {}

    def take(self, split: Split, recipe: Recommender) -> None:
        """Compare on the split that holds shoppers out whole; the others are passed over."""
        if split.name != HELD_OUT_USERS or self.live is None or self.live.watermark_at is None:
            return
        cases = cases_since(self._interactions, split, self.live.watermark_at.timestamp())
        if len(cases) < MIN_CASES:
            self.gate = self._skip(
                f"{len(cases)} held-out shoppers came since the live model's data ended; {MIN_CASES} are needed."
            )
            return
        ranker = self._open(self.live)
        if ranker is None:
            return
        paired: Paired = compare_with_live(recipe, ranker, cases)
        self.gate = check_paired(paired, self._bounds)
        self.figures = {"against_live": paired.to_json()}

    def _open(self, live: Deployment) -> Ranker | None:
        try:
            ranker = self._context.backend.control.open_ranker(live.solution_version_arn)
        except RecommendationsError as error:
            # A live model that is broken must not keep a new one out.
            self.gate = self._skip(f"The live model cannot be opened: {error}")
            return None
        if ranker is None:
            self.gate = self._skip(LENDS_NONE)
        return ranker

    def _skip(self, why: str) -> GateResult:
        return not_judged("offline_paired", paired_bound(self._bounds), why)


def _drop(live: Deployment | None, metrics: dict[str, Any], bounds: GateBounds) -> GateResult:
    return check_drop(metrics, live.metrics if live is not None else {}, bounds)
