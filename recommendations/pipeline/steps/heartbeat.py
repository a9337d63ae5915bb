"""Heartbeat: real shoppers must get enough known items in time, and lists that are no strangers to the live ones."""

import time
from collections.abc import Sequence

from recommendations import conf, items
from recommendations.exceptions import BackendThrottled
from recommendations.models import Deployment, LiveCampaign
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext
from recommendations.pipeline.etl.report import data_report
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.judging import judge
from recommendations.pipeline.gates.lists import (
    K,
    check_coverage,
    check_overlap,
    check_popularity,
    sample_lists,
)
from recommendations.pipeline.gates.results import GateResult, judged
from recommendations.pipeline.steps.questions import Questions, make_questions
from recommendations.serving.asking import CANDIDATES_PER_ITEM

N_HEARTBEATS = 20
# A busy machine may stall any one call; a campaign that is slow three times in a row is slow.
TRIES = 3
NOBODY = {
    "shopper": "No shopper in the data has two interactions.",
    "item": "No item in the data has five interactions.",
}


def run(context: StepContext) -> Outcome:
    """Ask twenty questions under the page's deadline, then two hundred beside the live campaign."""
    bounds = GateBounds.parse(context.rotation.gates)
    asker = _Asker(context, make_questions(context))
    questions = asker.questions
    if not questions.subjects:
        return Failed(
            NOBODY[questions.noun],
            f"The live campaign stays. Look at the run's data, then: manage.py retrain {context.rotation.key}.",
        )
    heartbeat, slowest_s = asker.beat()
    n_beats = len(questions.subjects[:N_HEARTBEATS])
    figures = {f"n_{questions.noun}s": n_beats, "k": K, "slowest_ms": round(slowest_s * 1000, 2)}
    # A campaign without a heartbeat is asked nothing more.
    gates = [heartbeat, *(_compare(context, asker, bounds) if heartbeat.verdict == "passed" else ())]
    kept, failure = judge(context.run, gates, figures)
    if failure is not None:
        return failure
    return Done(
        f"{n_beats} {questions.noun}s got {K} items each, the slowest in {slowest_s * 1000:.1f} ms", figures=kept
    )


class _Asker:
    """Asks campaigns as pages do: for more than is shown, of which they show the first that are listed.

    A campaign may name an announced drop, which no page shows before its day.

    Attributes:
        questions: whom or what it asks about.
    """

    def __init__(self, context: StepContext, questions: Questions) -> None:
        self.questions = questions
        self._context = context
        self._listed, self._announced = items.listed_item_ids(), items.announced_item_ids()

    def beat(self) -> tuple[GateResult, float]:
        """Return the gate and the slowest answer, in seconds; the first fault ends it."""
        subjects, noun = self.questions.subjects[:N_HEARTBEATS], self.questions.noun
        bound = f"{K} listed items each within {conf.recommendation_deadline_s() * 1000:.0f} ms"
        # The first call opens the artifact; no page waits for that, since the swap comes later.
        self._answer(self._context.deployment, subjects[0])
        slowest_s = 0.0
        for number, subject in enumerate(subjects):
            self._context.progress(number / len(subjects), f"asking real {noun}s' lists")
            item_ids, took_s = self._time(subject)
            slowest_s = max(slowest_s, took_s)
            fault = self._find_fault(item_ids, took_s)
            if fault:
                share, note = number / len(subjects), f"{noun.capitalize()} {subject}: {fault}."
                return judged("heartbeat", share, bound, note, is_passed=False), slowest_s
        note = f"All {len(subjects)} {noun}s got {K} listed items in time."
        return judged("heartbeat", 1.0, bound, note, is_passed=True), slowest_s

    def shown(self, side: Deployment, subject: str) -> tuple[str, ...]:
        """Return the items of a side's answer that a page would show."""
        return self._first(self._answer(side, subject))

    def _time(self, subject: str) -> tuple[tuple[str, ...], float]:
        item_ids: tuple[str, ...] = ()
        took_s = float("inf")
        for attempt in range(TRIES):
            started_s = time.monotonic()
            try:
                item_ids = self._answer(self._context.deployment, subject)
            except BackendThrottled:
                if attempt == TRIES - 1:
                    raise
                continue
            took_s = time.monotonic() - started_s
            if took_s <= conf.recommendation_deadline_s():
                break
        return item_ids, took_s

    def _answer(self, side: Deployment, subject: str) -> tuple[str, ...]:
        runtime, k = self._context.backend.runtime, K * CANDIDATES_PER_ITEM
        return self.questions.ask(runtime, side.campaign_arn, subject, k, filter_arn=side.filter_arn)

    def _first(self, item_ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(item_id for item_id in dict.fromkeys(item_ids) if item_id in self._listed)[:K]

    def _find_fault(self, item_ids: tuple[str, ...], took_s: float) -> str:
        unknown = set(item_ids) - self._announced
        if unknown:
            return f"got items that the catalogue does not list: {', '.join(sorted(unknown))}"
        n_shown = len(self._first(item_ids))
        if n_shown < K:
            return f"got {n_shown} different items of {K}"
        if took_s > conf.recommendation_deadline_s():
            return f"waited {took_s * 1000:.0f} ms where {conf.recommendation_deadline_s() * 1000:.0f} ms are allowed"
        return ""


def _compare(context: StepContext, asker: _Asker, bounds: GateBounds) -> list[GateResult]:
    live = LiveCampaign.objects.select_related("deployment").filter(rotation=context.rotation).first()
    sampled = sample_lists(
        asker.questions.subjects,
        lambda subject: asker.shown(context.deployment, subject),
        (lambda subject: asker.shown(live.deployment, subject)) if live is not None else None,
        progress=context.progress,
        noun=asker.questions.noun,
    )
    report = data_report(context.run.report)
    n_listed = asker.questions.n_possible(report.n_listed if report is not None else 0)
    top_item_ids = [item_id for item_id, _ in report.top_items] if report is not None else []
    recipe = context.rotation.recipe
    return [
        check_coverage(sampled, n_listed, recipe, bounds),
        check_popularity(sampled, top_item_ids, n_listed, recipe, bounds),
        check_overlap(sampled, bounds),
    ]
