"""What a new campaign is asked before it is live: as pages will ask it, by the kind of its rotation's recipe."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from recommendations import conf
from recommendations.engine.recipes import kind_of
from recommendations.pipeline.context import StepContext
from recommendations.pipeline.etl.exporting import exported_types
from recommendations.pipeline.gates.lists import N_SHOPPERS
from recommendations.ports import Runtime

# Items that are ranked for each shopper, of so many, and items that others are asked beside.
N_RANKED, N_KNOWN = 200, 2_000
N_BESIDE = 200

# Of the training's own data, drawn by the run's number.
SHOPPERS = """
SELECT shopper_key FROM recommendations_interaction
WHERE received_at <= %s AND occurred_at > %s AND event_type = ANY(%s)
    AND NOT shopper_key ^@ ANY(%s::text[])
GROUP BY shopper_key HAVING count(*) >= 2 ORDER BY md5(shopper_key || %s) LIMIT %s
"""
# The most touched ones, so that a campaign has something to say of each.
ITEMS = """
SELECT item_id FROM (
    SELECT item_id FROM recommendations_interaction
    WHERE received_at <= %s AND occurred_at > %s AND event_type = ANY(%s)
        AND NOT shopper_key ^@ ANY(%s::text[])
    GROUP BY item_id HAVING count(*) >= 5 ORDER BY count(*) DESC, item_id LIMIT %s
) AS known ORDER BY md5(item_id || %s) LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Questions:
    """Whom or what a campaign is asked about, and how.

    Attributes:
        kind: of the recipe.
        subjects: shopper keys, or the items that others are asked beside.
        to_rank: what each shopper's order is asked of; empty for the other kinds.
    """

    kind: str
    subjects: Sequence[str]
    to_rank: Sequence[str] = ()

    @property
    def noun(self) -> str:
        """What one subject is, for notes."""
        return "item" if self.kind == "RELATED_ITEMS" else "shopper"

    def n_possible(self, n_listed: int) -> int:
        """How many different items answers could show.

        Args:
            n_listed: items that the catalogue lists.
        """
        return min(n_listed, len(self.to_rank)) if self.to_rank else n_listed

    def ask(
        self, runtime: Runtime, campaign_arn: str, subject: str, k: int, *, filter_arn: str = ""
    ) -> tuple[str, ...]:
        """The first `k` items of the campaign's answer about a subject.

        Raises:
            RecommendationsError: it did not answer.
        """
        if self.kind == "RELATED_ITEMS":
            return runtime.get_recommendations(campaign_arn, item_id=subject, k=k, filter_arn=filter_arn).item_ids
        if self.kind == "PERSONALIZED_RANKING":
            answer = runtime.get_personalized_ranking(campaign_arn, user_id=subject, item_ids=self.to_rank)
            return answer.item_ids[:k]
        return runtime.get_recommendations(campaign_arn, user_id=subject, k=k, filter_arn=filter_arn).item_ids


def make_questions(context: StepContext) -> Questions:
    """The questions of a run, the same ones however often the step is repeated."""
    kind = kind_of(context.rotation.recipe)
    number = str(context.run.pk)
    if kind == "RELATED_ITEMS":
        return Questions(kind, _sample(context, ITEMS, N_BESIDE, number, N_BESIDE))
    to_rank = _sample(context, ITEMS, N_KNOWN, number, N_RANKED) if kind == "PERSONALIZED_RANKING" else ()
    return Questions(kind, _sample(context, SHOPPERS, number, N_SHOPPERS), to_rank)


def _sample(context: StepContext, query: str, *parameters: str | int) -> Sequence[str]:
    window = (
        context.run.watermark_at,
        context.run.window_start_at,
        exported_types(context.rotation),
        conf.untrained_prefixes(),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*window, *parameters])
        return [subject for (subject,) in cursor.fetchall()]
