"""The homepage's places by name, for clients that draw it themselves: each list as the page would show it there."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from recommendations.pipeline.runs import DEFAULT_SLOT
from storefront import shelves
from storefront.page_view import PageView
from storefront.rows import plan_most_popular, plan_new_releases
from storefront.second_row.plans import Plan
from storefront.second_row.row import second_row
from storefront.shelves import CARDS_PER_ROW, KEPT_FOR_RECENTLY_VIEWED

MOST_POPULAR = "home-most-popular"
NEW_RELEASES = "home-new-releases"
# Slot -> what makes its list. Only the second row is the experiment's: asking for another exposes nobody.
SLOTS: Mapping[str, Callable[..., Plan]] = MappingProxyType(
    {DEFAULT_SLOT: second_row, MOST_POPULAR: plan_most_popular, NEW_RELEASES: plan_new_releases}
)


def plan_slot(view: PageView, slot: str, *, k: int) -> Plan:
    """The list of one slot: without what the page's first row shows, unless it is that row, and without the last looks.

    Args:
        view: who looks.
        slot: a key of `SLOTS`.
        k: how many items are wanted; with the page's own number it is the page's own list.
    """
    shown = {*shelves.viewed(view)[:KEPT_FOR_RECENTLY_VIEWED], *view.hidden}
    if slot != MOST_POPULAR:
        shown.update(plan_most_popular(view, shown, k=CARDS_PER_ROW).served.item_ids)
    return SLOTS[slot](view, shown, k=k)
