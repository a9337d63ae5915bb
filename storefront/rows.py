"""The homepage's rows for one shopper: which lists, in which order, no item twice."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from experiments.assignment import Assignment, assign
from recommendations import items, monitoring, shared_lists
from recommendations.events import buffer, ids, recent, tokens
from recommendations.events.schema import ServedList
from recommendations.pipeline.runs import DEFAULT_ROTATION
from recommendations.ports import Shopper
from recommendations.serving.fallback import Rung
from recommendations.serving.filters import keep
from recommendations.serving.recommend import Served, has_history, recommended_for_you
from storefront.cards import cards_for, with_token

logger = logging.getLogger(__name__)

CARDS_PER_ROW = 12
KEPT_FOR_RECENTLY_VIEWED = 3
EXPERIMENT = "recommended-for-you"
NEW_RELEASES_TTL_S = 30.0

_newest: tuple[list[str], float] = ([], -NEW_RELEASES_TTL_S)


@dataclass(frozen=True, slots=True)
class Row:
    """One carousel: finished cards in rank order, and the token that says to the beacon which list was seen."""

    key: str
    title: str
    note: str
    cards: SafeString
    token: str
    rung: str
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    key: str
    title: str
    note: str
    served: Served
    assignment: Assignment | None = None


def build_home_rows(shopper: Shopper, *, page_view_id: UUID, user: object | None = None) -> list[Row]:
    """The rows of one homepage view; each tracked shopper's lists are recorded as served.

    Args:
        shopper: who looks.
        page_view_id: one id for this view, shared by its rows.
        user: the signed-in user, where flags target users.

    Returns:
        Most Popular, then Recommended For You or Trending now, New Releases, and Recently Viewed where there is any.
    """
    viewed = _viewed(shopper)
    # The last looks are kept for their own row; older ones may be recommended again.
    kept = set(viewed[:KEPT_FOR_RECENTLY_VIEWED])
    shown = set(kept)
    plans = []
    for plan in (_most_popular, _second_row, _new_releases):
        row = plan(shopper, shown, user)
        if row.served.item_ids:
            shown.update(row.served.item_ids)
            plans.append(row)
    if viewed:
        plans.append(_recently_viewed(viewed, shown - kept))
    _count(plans)
    cards = cards_for(sku for plan in plans for sku in plan.served.item_ids)
    return [_finish(plan, cards, shopper, page_view_id) for plan in plans]


def _count(plans: list[_Plan]) -> None:
    for plan in plans:
        monitoring.list_served(plan.key, plan.served.rung)
        if plan.assignment is not None:
            monitoring.second_row_served(plan.key)


def _most_popular(_shopper: Shopper, shown: Collection[str], _user: object) -> _Plan:
    return _Plan("most-popular", "Most Popular", "", _shared(shared_lists.MOST_POPULAR, shown))


def _second_row(shopper: Shopper, shown: Collection[str], user: object) -> _Plan:
    assignment = assign(
        EXPERIMENT, shopper.shopper_key, user=user, is_bot=shopper.is_bot, has_consent=shopper.has_consent
    )
    if assignment.payload.get("slot") and has_history(shopper):
        rotation = str(assignment.payload.get("rotation", DEFAULT_ROTATION))
        served = recommended_for_you(shopper, rotation=rotation, k=CARDS_PER_ROW, withheld=shown)
        return _Plan(
            "recommended", "Recommended For You", "Picked from what you looked at and bought", served, assignment
        )
    served = _shared(shared_lists.TRENDING, shown)
    return _Plan("trending", "Trending now", "Rising in the last day", served, assignment)


def _new_releases(_shopper: Shopper, shown: Collection[str], _user: object) -> _Plan:
    served = Served(tuple(_keep(_newest_item_ids(), shown)), Rung.CATALOGUE)
    return _Plan("new-releases", "New Releases", "", served)


def _viewed(shopper: Shopper) -> list[str]:
    """What the shopper looked at and could buy now, latest first."""
    if not shopper.is_tracked:
        return []
    events = recent.recent(shopper.shopper_key, 50)
    return _keep([event.item_id for event in events if event.event_type == "product_view"], ())


def _recently_viewed(viewed: list[str], shown: Collection[str]) -> _Plan:
    return _Plan("recently-viewed", "Recently Viewed", "", Served(tuple(_keep(viewed, shown)), Rung.PERSONAL))


def _shared(key: str, shown: Collection[str]) -> Served:
    chosen = _keep(shared_lists.read(key), shown)
    if len(chosen) == CARDS_PER_ROW:
        return Served(tuple(chosen), Rung.POPULAR)
    topped_up = _keep([*chosen, *shared_lists.read(shared_lists.MOST_POPULAR), *_newest_item_ids()], shown)
    return Served(tuple(topped_up), Rung.POPULAR if chosen else Rung.CATALOGUE)


def _keep(candidates: list[str], shown: Collection[str]) -> list[str]:
    return keep(candidates, k=CARDS_PER_ROW, available=items.available_among(candidates), withheld=shown)


def _newest_item_ids() -> list[str]:
    global _newest
    held, read_at = _newest
    if held and time.monotonic() - read_at < NEW_RELEASES_TTL_S:
        return held
    fresh = items.newest_item_ids(5 * CARDS_PER_ROW)
    _newest = (fresh, time.monotonic())
    return fresh


def forget_newest() -> None:
    """Drop the kept list of new releases; for tests."""
    global _newest
    _newest = ([], -NEW_RELEASES_TTL_S)


def _finish(plan: _Plan, cards: dict[str, str], shopper: Shopper, page_view_id: UUID) -> Row:
    item_ids = tuple(sku for sku in plan.served.item_ids if sku in cards)
    token, clicks = "", dict.fromkeys(item_ids, "")
    if shopper.is_tracked:
        recommendation_id, key = ids.uuid7(settings.CLOCK.now()), shopper.shopper_key
        token = tokens.issue(recommendation_id, key)
        clicks = {sku: tokens.issue_click("row_click", recommendation_id, key, sku) for sku in item_ids}
        buffer.record_served(_served_list(plan, item_ids, recommendation_id, shopper, page_view_id))
    ranked = (
        f'<li data-rank="{rank}">{with_token(cards[sku], clicks[sku])}</li>' for rank, sku in enumerate(item_ids, 1)
    )
    # Every part is rendered by a template, a token or a number.
    finished = mark_safe("".join(ranked))  # noqa: S308
    return Row(plan.key, plan.title, plan.note, finished, token, plan.served.rung, item_ids)


def _served_list(
    plan: _Plan, item_ids: tuple[str, ...], recommendation_id: UUID, shopper: Shopper, page_view_id: UUID
) -> ServedList:
    assignment = plan.assignment
    return ServedList(
        recommendation_id=recommendation_id,
        shopper_key=shopper.shopper_key,
        session_id=shopper.session_id,
        page_view_id=page_view_id,
        row=plan.key,
        rotation=plan.served.rotation,
        campaign_arn=plan.served.campaign_arn,
        backend_recommendation_id=plan.served.backend_recommendation_id,
        phase_id=assignment.phase_id if assignment else None,
        variation=(assignment.variation or "") if assignment else "",
        rung=plan.served.rung,
        item_ids=item_ids,
        served_at=settings.CLOCK.now(),
    )
