"""Heartbeat: real shoppers must get enough known items in time, and lists that are no strangers to the live ones."""

import time
from collections.abc import Sequence

from django.db import connection

from recommendations import conf, items
from recommendations.exceptions import BackendThrottled
from recommendations.models import LiveCampaign
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext
from recommendations.pipeline.etl.exporting import exported_types
from recommendations.pipeline.etl.report import data_report
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.judging import judge
from recommendations.pipeline.gates.lists import (
    N_SHOPPERS,
    K,
    check_coverage,
    check_overlap,
    check_popularity,
    sample_lists,
)
from recommendations.pipeline.gates.results import GateResult, judged

N_HEARTBEATS = 20
# A busy machine may stall any one call; a campaign that is slow three times in a row is slow.
TRIES = 3

SAMPLE = """
SELECT shopper_key FROM recommendations_interaction
WHERE received_at <= %s AND occurred_at > %s AND event_type = ANY(%s)
    AND NOT shopper_key ^@ ANY(%s::text[])
GROUP BY shopper_key HAVING count(*) >= 2 ORDER BY md5(shopper_key || %s) LIMIT %s
"""


def run(context: StepContext) -> Outcome:
    """Ask for twenty shoppers under the page's deadline, then for two hundred beside the live campaign."""
    bounds = GateBounds.parse(context.rotation.gates)
    shoppers = _sample(context)
    if not shoppers:
        return Failed(
            "No shopper in the data has two interactions.",
            f"The live campaign stays. Look at the run's data, then: manage.py retrain {context.rotation.key}.",
        )
    heartbeat, slowest_s = _beat(context, shoppers[:N_HEARTBEATS])
    n_beats = len(shoppers[:N_HEARTBEATS])
    figures = {"n_shoppers": n_beats, "k": K, "slowest_ms": round(slowest_s * 1000, 2)}
    # A campaign without a heartbeat is asked nothing more.
    gates = [heartbeat, *(_compare(context, shoppers, bounds) if heartbeat.verdict == "passed" else ())]
    kept, failure = judge(context.run, gates, figures)
    if failure is not None:
        return failure
    return Done(f"{n_beats} shoppers got {K} items each, the slowest in {slowest_s * 1000:.1f} ms", figures=kept)


def _sample(context: StepContext) -> list[str]:
    """Return shoppers drawn from the training's own data by the run's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            SAMPLE,
            [
                context.run.watermark_at,
                context.run.window_start_at,
                exported_types(context.rotation),
                conf.untrained_prefixes(),
                str(context.run.pk),
                N_SHOPPERS,
            ],
        )
        return [shopper_key for (shopper_key,) in cursor.fetchall()]


def _beat(context: StepContext, shoppers: Sequence[str]) -> tuple[GateResult, float]:
    """Return the gate and the slowest answer, in seconds; the first fault ends it."""
    bound = f"{K} listed items each within {conf.recommendation_deadline_s() * 1000:.0f} ms"
    # The first call opens the artifact; no page waits for that, since the swap comes later.
    context.backend.runtime.get_recommendations(context.deployment.campaign_arn, user_id=shoppers[0], k=K)
    slowest_s = 0.0
    for number, shopper_key in enumerate(shoppers):
        context.progress(number / len(shoppers), "asking real shoppers' lists")
        item_ids, took_s = _ask(context, shopper_key)
        slowest_s = max(slowest_s, took_s)
        fault = _fault(item_ids, took_s)
        if fault:
            share = number / len(shoppers)
            return judged("heartbeat", share, bound, f"Shopper {shopper_key}: {fault}.", is_passed=False), slowest_s
    note = f"All {len(shoppers)} shoppers got {K} listed items in time."
    return judged("heartbeat", 1.0, bound, note, is_passed=True), slowest_s


def _ask(context: StepContext, shopper_key: str) -> tuple[tuple[str, ...], float]:
    item_ids: tuple[str, ...] = ()
    took_s = float("inf")
    for attempt in range(TRIES):
        started_s = time.monotonic()
        try:
            answer = context.backend.runtime.get_recommendations(
                context.deployment.campaign_arn, user_id=shopper_key, k=K
            )
        except BackendThrottled:
            if attempt == TRIES - 1:
                raise
            continue
        item_ids, took_s = answer.item_ids, time.monotonic() - started_s
        if took_s <= conf.recommendation_deadline_s():
            break
    return item_ids, took_s


def _fault(item_ids: tuple[str, ...], took_s: float) -> str:
    if len(set(item_ids)) < K:
        return f"got {len(set(item_ids))} different items of {K}"
    unknown = set(item_ids) - items.listed_among(item_ids)
    if unknown:
        return f"got items that the catalogue does not list: {', '.join(sorted(unknown))}"
    if took_s > conf.recommendation_deadline_s():
        return f"waited {took_s * 1000:.0f} ms where {conf.recommendation_deadline_s() * 1000:.0f} ms are allowed"
    return ""


def _compare(context: StepContext, shoppers: Sequence[str], bounds: GateBounds) -> list[GateResult]:
    live = LiveCampaign.objects.filter(rotation=context.rotation).first()
    live_arn = live.campaign_arn if live is not None else ""
    sampled = sample_lists(
        shoppers,
        lambda key: _list(context, context.deployment.campaign_arn, key),
        (lambda key: _list(context, live_arn, key)) if live_arn else None,
        progress=context.progress,
    )
    report = data_report(context.run.report)
    n_listed = report.n_listed if report is not None else 0
    top_item_ids = [item_id for item_id, _ in report.top_items] if report is not None else []
    recipe = context.rotation.recipe
    return [
        check_coverage(sampled, n_listed, recipe, bounds),
        check_popularity(sampled, top_item_ids, n_listed, recipe, bounds),
        check_overlap(sampled, bounds),
    ]


def _list(context: StepContext, campaign_arn: str, shopper_key: str) -> tuple[str, ...]:
    return context.backend.runtime.get_recommendations(campaign_arn, user_id=shopper_key, k=K).item_ids
