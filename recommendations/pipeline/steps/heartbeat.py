"""Heartbeat: real shoppers must each get enough known items from the dormant campaign, and in time."""

import time

from django.db import connection

from recommendations import conf, items
from recommendations.exceptions import BackendThrottled
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext
from recommendations.pipeline.steps.export import exported_types

N_SHOPPERS = 20
K = 12
# A busy machine may stall any one call; a campaign that is slow three times in a row is slow.
TRIES = 3

SAMPLE = """
SELECT shopper_key FROM recommendations_interaction
WHERE received_at <= %s AND occurred_at > %s AND event_type = ANY(%s)
GROUP BY shopper_key HAVING count(*) >= 2 ORDER BY md5(shopper_key || %s) LIMIT %s
"""


def run(context: StepContext) -> Outcome:
    """Ask for twenty shoppers, drawn from the training's own data by the run's number."""
    fix = (
        f"The live campaign stays. Look at the run's data and metrics, then: manage.py retrain {context.rotation.key}."
    )
    shoppers = _sample(context)
    if not shoppers:
        return Failed("No shopper in the data has two interactions.", fix)
    # The first call opens the artifact; no page waits for that, since the swap comes later.
    context.backend.runtime.get_recommendations(context.deployment.campaign_arn, user_id=shoppers[0], k=K)
    slowest_s = 0.0
    for number, shopper_key in enumerate(shoppers):
        context.progress(number / len(shoppers), "asking real shoppers' lists")
        item_ids, took_s = _ask(context, shopper_key)
        slowest_s = max(slowest_s, took_s)
        fault = _fault(item_ids, took_s)
        if fault:
            return Failed(f"Shopper {shopper_key}: {fault}.", fix)
    return Done(
        f"{len(shoppers)} shoppers got {K} items each, the slowest in {slowest_s * 1000:.1f} ms",
        figures={"n_shoppers": len(shoppers), "k": K, "slowest_ms": round(slowest_s * 1000, 2)},
    )


def _sample(context: StepContext) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            SAMPLE,
            [
                context.run.watermark_at,
                context.run.window_start_at,
                exported_types(context.rotation),
                str(context.run.pk),
                N_SHOPPERS,
            ],
        )
        return [shopper_key for (shopper_key,) in cursor.fetchall()]


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
