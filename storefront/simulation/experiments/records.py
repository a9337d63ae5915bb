"""Records of a simulated experiment: what the shop would have put on the stream for each homepage view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from experiments.assignment import Assignment
from recommendations.events import ids
from recommendations.events.schema import Impression, PageServed, Record, ServedList
from recommendations.ports import Interaction
from recommendations.serving.fallback import Rung
from storefront.simulation.experiments.behaviour import CARDS_IN_VIEW, Behaviour
from storefront.simulation.experiments.traffic import Traffic
from storefront.simulation.shelf import Shelf

HOME = "home"
FIRST_ROW = "most-popular"
CARDS_A_ROW = 12
# Of a page's time, the experiment's row takes this share.
ROW_TIME_SHARE = 0.3
LOOKS_AFTER, CLICKS_AFTER, BUYS_AFTER = timedelta(seconds=2), timedelta(seconds=9), timedelta(seconds=75)


@dataclass(frozen=True, slots=True)
class Storefronts:
    """What a homepage's two rows hold, as item indices, best first; the second row by variation, with its row key."""

    first: tuple[int, ...]
    second: dict[str, tuple[str, tuple[int, ...]]]

    @classmethod
    def of(cls, shelf: Shelf, rows: dict[str, str], *, at_s: float, seed: int) -> "Storefronts":
        """Rows of what was on the shelf then: the first by hype, the second of what follows, otherwise by variation.

        Args:
            shelf: what there is.
            rows: variation key -> key of its second row.
            at_s: epoch seconds; only what was released before stands in a row.
            seed: of the mix.

        Raises:
            ValueError: fewer items than these rows hold.
        """
        on_shelf = np.flatnonzero(shelf.released_s <= at_s)
        ranked = on_shelf[np.argsort(-shelf.hype[on_shelf], kind="stable")]
        n_needed = CARDS_A_ROW * (1 + len(rows))
        if len(ranked) < n_needed:
            raise ValueError(f"The shelf holds {len(ranked)} products, these homepages {n_needed}; seed more.")
        by_price = ranked[CARDS_A_ROW:n_needed]
        by_price = by_price[np.argsort(shelf.price_cents[by_price], kind="stable")]
        # Neighbours in price go to one place of each row, so that a click is worth as much in every variation.
        places = by_price.reshape(CARDS_A_ROW, len(rows))
        places[1::2] = places[1::2, ::-1].copy()
        places = np.random.default_rng((seed, 4)).permutation(places)
        second = {
            variation: (row, tuple(places[:, number].tolist())) for number, (variation, row) in enumerate(rows.items())
        }
        return cls(tuple(ranked[:CARDS_A_ROW].tolist()), second)


@dataclass(frozen=True, slots=True)
class _View:
    """One homepage view, with all that its records share."""

    page_view_id: UUID
    key: str
    session_id: str
    at: datetime
    took_ms: float
    assignment: Assignment

    def identifier(self, moment: datetime, *parts: str) -> UUID:
        return ids.derived(moment, self.page_view_id.hex, *parts)


def records_of(
    traffic: Traffic,
    behaviour: Behaviour,
    views: Sequence[int],
    assignments: Sequence[Assignment],
    rows: Storefronts,
    shelf: Shelf,
) -> Iterator[Record]:
    """Yield the records of some views in the order of time: page, lists, impressions, click, look and purchase.

    Args:
        traffic, behaviour: of all views.
        views: which of them.
        assignments: what each of these was assigned.
        rows: what the rows hold.
        shelf: names and prices of the items.
    """
    for number, assignment in zip(views, assignments, strict=True):
        key, at = traffic.key_of(number), traffic.moment_of(number)
        view = _View(
            page_view_id=ids.derived(at, "trial", key, str(number)),
            key=key,
            session_id=f"trial-{traffic.visit[number]}",
            at=at,
            took_ms=round(float(traffic.took_ms[number]), 3),
            assignment=assignment,
        )
        yield _page(view, status=500 if traffic.fails[number] else 200)
        if not traffic.fails[number]:
            yield from _seen(view, behaviour, number, rows, shelf)


def _page(view: _View, *, status: int) -> PageServed:
    return PageServed(
        page_view_id=view.page_view_id,
        shopper_key=view.key,
        session_id=view.session_id,
        page=HOME,
        status=status,
        took_ms=view.took_ms,
        phase_id=view.assignment.phase_id,
        variation=view.assignment.variation,
        served_at=view.at,
    )


def _seen(view: _View, behaviour: Behaviour, number: int, rows: Storefronts, shelf: Shelf) -> Iterator[Record]:
    second_row, second_items = rows.second[view.assignment.variation]
    first = _list(view, FIRST_ROW, rows.first, shelf)
    second = _list(view, second_row, second_items, shelf, is_decided=True)
    for served in (first, second):
        yield served
        yield from _impressions(view, served)
    rank = int(behaviour.rank[number])
    if behaviour.clicks_second[number]:
        yield from _click(view, second, second_items[rank - 1], shelf, buys=bool(behaviour.buys[number]))
    elif behaviour.clicks_other[number]:
        yield from _click(view, first, rows.first[rank - 1], shelf, buys=bool(behaviour.buys[number]))


def _list(view: _View, row: str, items: Sequence[int], shelf: Shelf, *, is_decided: bool = False) -> ServedList:
    """One row's list; only the experiment's own carries phase and variation."""
    return ServedList(
        recommendation_id=view.identifier(view.at, row),
        shopper_key=view.key,
        session_id=view.session_id,
        page_view_id=view.page_view_id,
        row=row,
        rung=Rung.POPULAR,
        item_ids=tuple(shelf.skus[item] for item in items),
        served_at=view.at,
        phase_id=view.assignment.phase_id if is_decided else None,
        variation=view.assignment.variation if is_decided else "",
        took_ms=round(ROW_TIME_SHARE * view.took_ms, 3) if is_decided else 0.0,
    )


def _impressions(view: _View, served: ServedList) -> Iterator[Impression]:
    at = view.at + LOOKS_AFTER
    for rank in range(1, CARDS_IN_VIEW + 1):
        yield Impression(
            impression_id=view.identifier(at, served.row, str(rank)),
            recommendation_id=served.recommendation_id,
            page_view_id=view.page_view_id,
            shopper_key=view.key,
            rank=rank,
            seen_at=at,
        )


def _click(view: _View, served: ServedList, item: int, shelf: Shelf, *, buys: bool) -> Iterator[Interaction]:
    clicked_at = view.at + CLICKS_AFTER
    yield _deed(view, "row_click", clicked_at, shelf.skus[item], recommendation_id=served.recommendation_id)
    yield _deed(view, "product_view", clicked_at, shelf.skus[item])
    if buys:
        price = float(shelf.price_cents[item]) / 100
        yield _deed(view, "purchase", view.at + BUYS_AFTER, shelf.skus[item], value=price)


def _deed(
    view: _View,
    event_type: str,
    at: datetime,
    item_id: str,
    *,
    value: float | None = None,
    recommendation_id: UUID | None = None,
) -> Interaction:
    return Interaction(
        event_id=view.identifier(at, event_type),
        shopper_key=view.key,
        session_id=view.session_id,
        item_id=item_id,
        event_type=event_type,
        occurred_at=at,
        received_at=at,
        event_value=value,
        recommendation_id=recommendation_id,
    )
