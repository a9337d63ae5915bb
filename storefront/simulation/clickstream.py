"""The clickstream: everything that every simulated shopper did, as columns sorted by time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.browsing import Browser
from storefront.simulation.deeds import EVENT_TYPES, VIEW, draw_deeds
from storefront.simulation.identifiers import event_ids
from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import draw_tastes
from storefront.simulation.visits import DAY_S, draw_visits


@dataclass(frozen=True, slots=True, eq=False)
class Clickstream:
    """Interactions sorted by time; all of shape (n_rows,).

    Attributes:
        event_id: UUIDv7 as 32 hex digits each.
        shopper: shopper number, from 0.
        session: session number, counted over all shoppers.
        item: index into the shelf.
        code: index into `EVENT_TYPES`.
        at_ms: epoch milliseconds.
        value_cents: price in cents, NaN where the event has none.
        repeat_share: share of the views that are of an item the shopper had viewed before.
    """

    event_id: list[str]
    shopper: NDArray[np.intp]
    session: NDArray[np.intp]
    item: NDArray[np.intp]
    code: NDArray[np.int8]
    at_ms: NDArray[np.int64]
    value_cents: NDArray[np.float64]
    repeat_share: float

    def __len__(self) -> int:
        """Return the number of interactions."""
        return len(self.event_id)

    def counts(self) -> dict[str, int]:
        """How many interactions of each event type there are."""
        return dict(zip(EVENT_TYPES, np.bincount(self.code, minlength=len(EVENT_TYPES)).tolist(), strict=True))


def simulate(parameters: Parameters, shelf: Shelf, *, ends_s: float) -> Clickstream:
    """Simulate all shoppers over the days that end at `ends_s`.

    Args:
        parameters: who comes, how often, how loyal; its seed is the only source of chance.
        shelf: what there is to look at.
        ends_s: end of the window, epoch seconds; nothing happens at or after it.

    Raises:
        ValueError: nothing on the shelf is released before the window starts.
    """
    starts_s = ends_s - parameters.days * DAY_S
    if not (shelf.theme_opens_s <= starts_s).any():
        raise ValueError("Nothing on the shelf is released before the simulation starts; release something earlier.")
    rng = np.random.default_rng(parameters.seed)
    tastes = draw_tastes(parameters, shelf, starts_s, ends_s, rng)
    visits = draw_visits(parameters, starts_s, ends_s, rng)
    views = Browser(parameters, shelf, tastes, visits, rng).browse()
    deeds = draw_deeds(parameters, shelf, tastes, visits, views, rng)
    view = np.concatenate([deed.view for deed in deeds])
    at_ms = (np.concatenate([deed.at_s for deed in deeds]) * 1000).astype(np.int64)
    code = np.concatenate([np.full(len(deed.view), deed.code, np.int8) for deed in deeds])
    value = np.concatenate([deed.value_cents for deed in deeds])
    order = np.lexsort((code, visits.shopper[view], at_ms))
    order = order[at_ms[order] < int(ends_s * 1000)]
    view, at_ms, code = view[order], at_ms[order], code[order]
    repeats = views.is_repeat[view[code == VIEW]]
    return Clickstream(
        event_id=event_ids(at_ms, view, code, parameters.seed),
        shopper=visits.shopper[view],
        session=visits.session[view],
        item=views.item[view],
        code=code,
        at_ms=at_ms,
        value_cents=value[order],
        repeat_share=float(repeats.mean()) if len(repeats) else 0.0,
    )
