"""The crowd: who comes next, with which taste, and whether the shop knows them."""

import random
import secrets
import threading
from itertools import cycle
from urllib.parse import quote_plus

from recommendations.events import cookie
from recommendations.events.cookie import Consent, Visit
from storefront.simulation.driving.connection import Cookies
from storefront.simulation.driving.market import Market
from storefront.simulation.driving.mind import Mind
from storefront.simulation.driving.visitor import Person
from storefront.simulation.parameters import SIMULATED_KEY

# Share of people whom the shop knows from the simulated past, where it has one; the others come without a cookie.
RETURNING_SHARE = 0.5


class Crowd:
    """Hands out people, each shopper of the market in turn, in an order that the seed decides."""

    def __init__(self, market: Market, *, seed: int, now_s: int) -> None:
        self._market = market
        self._now_s = now_s
        self._rng = random.Random(seed)
        numbers = list(range(market.parameters.n_shoppers))
        self._rng.shuffle(numbers)
        self._numbers = cycle(numbers)
        self._lock = threading.Lock()

    def next_person(self) -> Person:
        """The next one; safe to call from any thread."""
        with self._lock:
            number, rng = next(self._numbers), random.Random(self._rng.getrandbits(64))
            is_returning = self._market.has_past and self._rng.random() < RETURNING_SHARE
        taste = _Taste(self._market, number, rng)
        cookies = Cookies({cookie.name(): self._old_cookie(number)} if is_returning else {})
        known_since_s = -float("inf") if is_returning else None
        return Person(words=taste.words, mind=taste.next_mind, cookies=cookies, known_since_s=known_since_s)

    def _old_cookie(self, number: int) -> str:
        """The cookie that the browser of a shopper of the past still holds."""
        visit = Visit(f"{SIMULATED_KEY}{number + 1:05d}", secrets.token_hex(8), self._now_s, Consent.GIVEN)
        return cookie.spell(visit)


class _Taste:
    """One shopper's taste: each visit is about one theme."""

    def __init__(self, market: Market, number: int, rng: random.Random) -> None:
        self._market = market
        self._rng = rng
        self._liking = dict(zip(market.shelf.skus, market.liking(number).tolist(), strict=True))
        self._weights = market.theme_weights(number)
        self._theme = 0

    def next_mind(self) -> Mind:
        self._theme = self._rng.choices(range(len(self._weights)), self._weights)[0]
        items = self._market.shelf.theme_items[self._theme]
        skus = frozenset(self._market.shelf.skus[item] for item in items.tolist() if item >= 0)
        return Mind(self._liking, skus, self._rng)

    def words(self) -> tuple[str, str]:
        """What the shopper would type into a search, quoted, and the category that the visit is about."""
        return quote_plus(self._market.brands[self._theme]), self._market.categories[self._theme]
