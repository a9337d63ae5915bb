"""The homepage's rows for one shopper: which lists, in which order, no item twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from experiments.assignment import Reason
from recommendations import monitoring, shared_lists
from recommendations.events import buffer, ids, tokens
from recommendations.events.schema import ServedList
from storefront import shelves
from storefront.cards import cards_for, finish_card, name_of
from storefront.page_view import PageView
from storefront.reasons import Because, find_reasons
from storefront.second_row.plans import Plan, timed
from storefront.second_row.row import second_row
from storefront.shelves import CARDS_PER_ROW, KEPT_FOR_RECENTLY_VIEWED

# Why a row carries the name of its variation: whoever reads the page may know what an experiment shows there.
SHOWN = frozenset({Reason.IN_PHASE, Reason.FORCED})


@dataclass(frozen=True, slots=True)
class Row:
    """One carousel: finished cards in rank order, and the token that says to the beacon which list was seen.

    `variation` is what a phase decided for the row, empty for every other row.
    """

    key: str
    title: str
    note: str
    cards: SafeString
    token: str
    rung: str
    item_ids: tuple[str, ...]
    variation: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A list as it was handed out: its id, its token for the beacon and a click's token for each item.

    Everything is empty for a shopper of whom nothing may be recorded.
    """

    recommendation_id: UUID | None
    token: str
    clicks: dict[str, str]


def build_home_rows(view: PageView) -> list[Row]:
    """The rows of one homepage view; each tracked shopper's lists are recorded as served.

    Args:
        view: who looks; one id for this view is shared by its rows.

    Returns:
        Most Popular, then what the experiment gives, New Releases, and Recently Viewed where there is any.
    """
    looks = shelves.viewed(view)
    # The last looks are kept for their own row; older ones may be recommended again.
    kept = set(looks[:KEPT_FOR_RECENTLY_VIEWED])
    shown = kept | view.hidden
    plans = []
    for make in (plan_most_popular, second_row, plan_new_releases):
        plan = make(view, shown, k=CARDS_PER_ROW)
        if plan.served.item_ids:
            shown.update(plan.served.item_ids)
            plans.append(plan)
    if looks:
        plans.append(_plan_recently_viewed(looks, shown - kept))
    count(plans)
    return finish(plans, view)


def finish(plans: Sequence[Plan], view: PageView) -> list[Row]:
    """The rows as they are drawn, in at most one query for all of their cards; each is recorded as served.

    Args:
        plans: the rows of one page.
        view: whose page it is.
    """
    reasons = find_reasons(view, {item: of for plan in plans for item, of in plan.served.because.items()})
    cards = cards_for(
        (sku for plan in plans for sku in plan.served.item_ids), named={reason.item_id for reason in reasons.values()}
    )
    return [_finish(plan, cards, reasons, view) for plan in plans]


def plan_most_popular(_view: PageView, shown: set[str], *, k: int) -> Plan:
    """The first row."""
    return timed(
        lambda: Plan("most-popular", "Most Popular", "", shelves.shared(shared_lists.MOST_POPULAR, shown, k=k))
    )


def plan_new_releases(_view: PageView, shown: set[str], *, k: int) -> Plan:
    """The third row."""
    return timed(lambda: Plan("new-releases", "New Releases", "", shelves.new_releases(shown, k=k)))


def count(plans: Iterable[Plan]) -> None:
    """Count what is shown, for whoever watches the shop."""
    for plan in plans:
        monitoring.list_served(plan.key, plan.served.rung)
        if plan.assignment is not None:
            monitoring.second_row_served(plan.key)


def give(plan: Plan, item_ids: tuple[str, ...], view: PageView) -> Given:
    """Hand a list out: record it as served and sign what leads back to it, for a tracked shopper.

    Args:
        plan: the row.
        item_ids: its items that are really shown, in rank order.
        view: whose it is.
    """
    if not view.shopper.is_tracked:
        return Given(None, "", dict.fromkeys(item_ids, ""))
    recommendation_id, key = ids.uuid7(settings.CLOCK.now()), view.shopper.shopper_key
    buffer.record_served(_served_list(plan, item_ids, recommendation_id, view))
    clicks = {sku: tokens.issue_click("row_click", recommendation_id, key, sku) for sku in item_ids}
    return Given(recommendation_id, tokens.issue(recommendation_id, key), clicks)


def _plan_recently_viewed(looks: list[str], shown: set[str]) -> Plan:
    return timed(lambda: Plan("recently-viewed", "Recently Viewed", "", shelves.recently_viewed(looks, shown)))


def _finish(plan: Plan, cards: dict[str, str], reasons: Mapping[str, Because], view: PageView) -> Row:
    item_ids = tuple(sku for sku in plan.served.item_ids if sku in cards)
    given = give(plan, item_ids, view)
    ranked = []
    for rank, sku in enumerate(item_ids, 1):
        reason = reasons.get(sku) if sku in plan.served.because else None
        because = reason.to_words(sku, name_of(reason.item_id)) if reason is not None else ""
        ranked.append(
            f'<li data-rank="{rank}">{finish_card(cards[sku], token=given.clicks[sku], because=because)}</li>'
        )
    # Every part is rendered by a template, a token, a number or escaped.
    finished = mark_safe("".join(ranked))  # noqa: S308
    return Row(plan.key, plan.title, plan.note, finished, given.token, plan.served.rung, item_ids, _variation(plan))


def _variation(plan: Plan) -> str:
    assignment = plan.assignment
    return assignment.variation if assignment is not None and assignment.reason in SHOWN else ""


def _served_list(plan: Plan, item_ids: tuple[str, ...], recommendation_id: UUID, view: PageView) -> ServedList:
    served = plan.served
    return ServedList(
        recommendation_id=recommendation_id,
        shopper_key=view.shopper.shopper_key,
        session_id=view.shopper.session_id,
        page_view_id=view.page_view_id,
        row=plan.key,
        rotation=served.rotation,
        campaign_arn=served.campaign_arn,
        backend_recommendation_id=served.backend_recommendation_id,
        phase_id=view.analysed_phase_id if plan.assignment is not None else None,
        variation=plan.assignment.variation if plan.assignment is not None else "",
        rung=served.rung,
        item_ids=item_ids,
        served_at=settings.CLOCK.now(),
        took_ms=plan.took_ms,
        error=served.error,
        teams=_teams_of(plan, item_ids),
    )


def _teams_of(plan: Plan, item_ids: tuple[str, ...]) -> str:
    """The letters of the items that are really shown."""
    if not plan.teams:
        return ""
    by_item = dict(zip(plan.served.item_ids, plan.teams, strict=True))
    return "".join(by_item[sku] for sku in item_ids)
