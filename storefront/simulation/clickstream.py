"""The clickstream: everything that every simulated shopper and bot did, as columns sorted by time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.bots import BotKind, Bots, draw_bots
from storefront.simulation.browsing import Browser, Views
from storefront.simulation.deeds import EVENT_TYPES, VIEW, Deeds, draw_deeds
from storefront.simulation.drops import draw_rushes
from storefront.simulation.identifiers import event_ids
from storefront.simulation.parameters import BOT_KEY, SIMULATED_KEY, Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import Tastes, draw_tastes
from storefront.simulation.visits import DAY_S, Visits, draw_visits


@dataclass(frozen=True, slots=True, eq=False)
class Clickstream:
    """Interactions sorted by time; all of shape (n_rows,) where nothing else is said.

    Attributes:
        event_id: UUIDv7 as 32 hex digits each.
        shopper: shopper number, from 0; bots come after the last person.
        session: session number, counted over all shoppers.
        item: index into the shelf.
        code: index into `EVENT_TYPES`.
        at_ms: epoch milliseconds.
        value_cents: price in cents, NaN where the event has none.
        n_people: how many shoppers are people.
        bot_kinds: what each bot is, in the order of their numbers.
        repeat_share: share of the people's views that are of an item the shopper had viewed before.
    """

    event_id: list[str]
    shopper: NDArray[np.intp]
    session: NDArray[np.intp]
    item: NDArray[np.intp]
    code: NDArray[np.int8]
    at_ms: NDArray[np.int64]
    value_cents: NDArray[np.float64]
    n_people: int
    bot_kinds: tuple[BotKind, ...]
    repeat_share: float

    def __len__(self) -> int:
        """Return the number of interactions."""
        return len(self.event_id)

    @property
    def is_bot(self) -> NDArray[np.bool_]:
        """Whether each interaction is a bot's."""
        bot: NDArray[np.bool_] = self.shopper >= self.n_people
        return bot

    def key_of(self, shopper: int) -> str:
        """The shopper key of a shopper's number."""
        if shopper < self.n_people:
            return f"{SIMULATED_KEY}{shopper + 1:05d}"
        return f"{BOT_KEY}{shopper - self.n_people + 1:05d}"

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
    looks, rng = draw_looks(parameters, shelf, ends_s=ends_s)
    deeds = draw_deeds(parameters, shelf, looks.tastes, looks.visits, looks.views, rng)
    starts_s = ends_s - parameters.days * DAY_S
    bots = draw_bots(parameters, shelf, starts_s, ends_s, np.random.default_rng((parameters.seed, 2)))
    return _merged(parameters, _People(looks.visits, looks.views, deeds), bots, ends_s)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Who the shoppers are, when they look at something, and at what."""

    tastes: Tastes
    visits: Visits
    views: Views


def draw_looks(parameters: Parameters, shelf: Shelf, *, ends_s: float) -> tuple[Looks, np.random.Generator]:
    """What the people of a simulated world look at, and the chance that is left for what they do about it.

    Args:
        parameters: who comes, how often, how loyal.
        shelf: what there is to look at.
        ends_s: end of the window, epoch seconds.

    Raises:
        ValueError: nothing on the shelf is released before the window starts.
    """
    starts_s = ends_s - parameters.days * DAY_S
    if not (shelf.theme_opens_s <= starts_s).any():
        raise ValueError("Nothing on the shelf is released before the simulation starts; release something earlier.")
    tastes, rng = draw_population(parameters, shelf, ends_s=ends_s)
    # Streams of chance of their own, so that what drops and bots draw moves nobody else.
    rushes = draw_rushes(parameters, shelf, tastes, starts_s, ends_s, np.random.default_rng((parameters.seed, 1)))
    visits = draw_visits(parameters, rushes, starts_s, ends_s, rng)
    return Looks(tastes, visits, Browser(parameters, shelf, tastes, visits, rng).browse()), rng


def draw_population(parameters: Parameters, shelf: Shelf, *, ends_s: float) -> tuple[Tastes, np.random.Generator]:
    """The tastes of a simulated world's shoppers, and the chance that is left for what they do.

    Equal arguments give equal tastes, so that whoever acts today likes what the same shopper liked in the past.
    """
    rng = np.random.default_rng(parameters.seed)
    return draw_tastes(parameters, shelf, ends_s - parameters.days * DAY_S, ends_s, rng), rng


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    visits: Visits
    views: Views
    deeds: list[Deeds]


def _merged(parameters: Parameters, people: _People, bots: Bots, ends_s: float) -> Clickstream:
    """Everybody's interactions in the order of time; bots and their runs are numbered after people and sessions."""
    visits, views, deeds = people.visits, people.views, people.deeds
    n_sessions = int(visits.session[-1]) + 1 if len(visits) else 0
    shopper = np.concatenate((visits.shopper, parameters.n_shoppers + bots.bot))
    session = np.concatenate((visits.session, n_sessions + bots.run))
    item = np.concatenate((views.item, bots.item))
    bot_views = np.arange(len(visits), len(item))
    view = np.concatenate([*(deed.view for deed in deeds), bot_views])
    at_ms = (np.concatenate([*(deed.at_s for deed in deeds), bots.at_s]) * 1000).astype(np.int64)
    code = np.concatenate(
        [np.repeat([deed.code for deed in deeds], [len(deed.view) for deed in deeds]), np.full(len(bots.at_s), VIEW)]
    )
    value = np.concatenate([*(deed.value_cents for deed in deeds), np.full(len(bots.at_s), np.nan)])
    order = np.lexsort((code, shopper[view], at_ms))
    order = order[at_ms[order] < int(ends_s * 1000)]
    view, at_ms, code = view[order], at_ms[order], code[order].astype(np.int8)
    looks = view[(code == VIEW) & (view < len(visits))]
    return Clickstream(
        event_id=event_ids(at_ms, view, code, parameters.seed),
        shopper=shopper[view],
        session=session[view],
        item=item[view],
        code=code,
        at_ms=at_ms,
        value_cents=value[order],
        n_people=parameters.n_shoppers,
        bot_kinds=bots.kinds,
        repeat_share=float(views.is_repeat[looks].mean()) if len(looks) else 0.0,
    )
