"""The order of a list page: its own, or the shopper's where the address asks for it; and what is noted of that."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from catalog.models import Product
from recommendations import monitoring
from recommendations.events import buffer, ids, tokens
from recommendations.events.schema import ServedList
from recommendations.serving.fallback import Rung
from recommendations.serving.ranking import Ranked, rank_for
from storefront.page_rotations import RANKING
from storefront.page_view import PageView

PARAMETER, FOR_YOU = "sort", "for-you"


class Why(StrEnum):
    """Why a list that was to follow the shopper stands in its own order."""

    NOTHING_RECORDED = "nothing-recorded"
    NEW = "new"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Choice:
    """One order to choose: a link, so that it works without a script and can be kept and sent on."""

    title: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """Products as they are shown, each with the token of a click on it, and the list's token for the beacon."""

    products: list[tuple[Product, str]]
    token: str = ""


def unmarked(products: list[Product]) -> Marked:
    """Products that are noted as nobody's list."""
    return Marked([(product, "") for product in products])


class Sorting:
    """The order of one list for one view of its page."""

    def __init__(
        self, request: HttpRequest, *, titles: Mapping[str, str], list_key: str, query: Mapping[str, Sequence[str]]
    ) -> None:
        """Read what the address asks for.

        Args:
            request: of the page.
            titles: the orders beside the shopper's, as the address names them, and what the page calls them; the
                first one is the list's own.
            list_key: names the list among all lists.
            query: what else its address says, order and page apart.
        """
        self.view = PageView.of(request)
        asked = request.GET.get(PARAMETER, "")
        self.is_asked = asked == FOR_YOU
        self.own = asked if asked in titles else next(iter(titles))
        self.why_not: Why | None = None
        self._list_key = list_key
        self._query = query
        self._titles = titles
        self._goes_on = request.GET.get("page", "1") not in ("", "1")
        self._ranked: Ranked | None = None
        self._took_ms = 0.0

    @property
    def is_personal(self) -> bool:
        """Whether the list follows the shopper."""
        return self._ranked is not None and self._ranked.is_personal

    @property
    def choices(self) -> list[Choice]:
        """The orders there are: the list's own, the shopper's, and the others."""
        choices = [
            Choice(title, self._address(name), not self.is_asked and name == self.own)
            for name, title in self._titles.items()
        ]
        choices.insert(1, Choice("For you", self._address(FOR_YOU), self.is_asked))
        return choices

    @property
    def page_query(self) -> str:
        """What the links to other pages of the list say before the page's number."""
        return self._address(FOR_YOU if self.is_asked else self.own).removeprefix("?")

    @property
    def named(self) -> dict[str, list[str]]:
        """What an address of this list says about its order."""
        chosen = FOR_YOU if self.is_asked else self.own
        return {} if chosen == next(iter(self._titles)) else {PARAMETER: [chosen]}

    def _address(self, order: str) -> str:
        named = {} if order == next(iter(self._titles)) else {PARAMETER: [order]}
        return f"?{urlencode({**self._query, **named}, doseq=True)}"

    def order(self, item_ids: Sequence[str]) -> Sequence[str]:
        """The items in the order that is asked for.

        Args:
            item_ids: in the list's own order.

        Returns:
            All of them; in their own order where nothing else is asked for, or can be had; then `why_not` says why.
        """
        if not self.is_asked or not item_ids:
            return item_ids
        if not self.view.shopper.is_tracked:
            self.why_not = Why.NOTHING_RECORDED
            return item_ids
        if not self.view.has_history:
            self.why_not = Why.NEW
            return item_ids
        began_s = time.perf_counter()
        self._ranked = rank_for(
            self.view.shopper, item_ids, rotation=RANKING, list_key=self._list_key, goes_on=self._goes_on
        )
        self._took_ms = 1000.0 * (time.perf_counter() - began_s)
        if not self._ranked.is_personal:
            self.why_not = Why.AWAY
        return self._ranked.item_ids

    def mark(self, products: list[Product], *, row: str, click: str, rung: str = Rung.CATALOGUE) -> Marked:
        """Hand the products out: note them as a served list and sign what leads back to it, for a tracked shopper.

        Args:
            products: as they are shown on this page, best first.
            row: what the list is called in records.
            click: the event type of a click on one.
            rung: where the list's own order comes from.
        """
        shopper, ranked = self.view.shopper, self._ranked or Ranked((), is_personal=False)
        rung = Rung.PERSONAL if ranked.is_personal else rung
        if not products or not shopper.is_tracked:
            return unmarked(products)
        now = settings.CLOCK.now()
        list_id = ids.uuid7(now)
        monitoring.list_served(row, rung)
        buffer.record_served(
            ServedList(
                recommendation_id=list_id,
                shopper_key=shopper.shopper_key,
                session_id=shopper.session_id,
                page_view_id=self.view.page_view_id,
                row=row,
                rotation=ranked.rotation,
                campaign_arn=ranked.campaign_arn,
                backend_recommendation_id=ranked.backend_recommendation_id,
                rung=rung,
                item_ids=tuple(product.sku for product in products),
                served_at=now,
                took_ms=self._took_ms,
                error=ranked.error,
            )
        )
        key = shopper.shopper_key
        links = [(product, tokens.issue_click(click, list_id, key, product.sku)) for product in products]
        return Marked(links, tokens.issue(list_id, key))
