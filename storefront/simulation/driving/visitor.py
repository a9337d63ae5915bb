"""One simulated shopper with a browser: the next page, by what the last one showed and what the shopper likes."""

import json
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from recommendations.events import cookie
from storefront.simulation.driving import pages
from storefront.simulation.driving.connection import Answer, Connection, Cookies
from storefront.simulation.driving.ledger import Ledger
from storefront.simulation.driving.mind import Mind, Seen, Wish
from storefront.simulation.driving.pages import HomePage, ListPage, Page, ProductPage, Row
from storefront.simulation.driving.plants import Plant, factor_of, variation_of
from storefront.simulation.driving.tally import Tally

BEACON_PATH = "/events/"
FIRST_PATH = "/"
MOST_REDIRECTS = 3
# Share of shoppers without an account who make one where they wish to buy; the others let it be.
SIGN_UP_SHARE = 0.25
# Share of visits of account holders that begin on another device and sign in there.
OTHER_DEVICE_SHARE = 0.3
MEAN_PAGES = 9
# The shop may take this long to know a shopper's first look.
KNOWN_AFTER_S = 2.0
CLICKS = {"?r=": "row_click", "?s=": "search_click"}


class Failed(Exception):
    """The shop answered with an error; the message tells request and status."""


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    password: str


@dataclass(slots=True)
class Person:
    """Somebody with taste: what they carry from visit to visit."""

    words: Callable[[], tuple[str, str]]
    mind: Callable[[], Mind]
    cookies: Cookies
    account: Account | None = None
    known_since_s: float | None = None
    watched: set[str] = field(default_factory=set)


class Visitor:
    """Shows one page at a time to one person, then to the next."""

    def __init__(
        self,
        people: Callable[[], Person],
        ledger: Ledger,
        tally: Tally,
        rng: random.Random,
        *,
        prefix: str,
        plants: Sequence[Plant] = (),
    ) -> None:
        self._people = people
        self._ledger = ledger
        self._tally = tally
        self._rng = rng
        self._prefix = prefix
        self._plants = plants
        self._begin(people())

    def show_next_page(self, connection: Connection) -> str:
        """Go one page on.

        Returns:
            The kind of page that was shown.

        Raises:
            Failed: an error page.
            OSError, http.client.HTTPException: no answer.
        """
        if self._pages_left <= 0:
            self._begin(self._person if self._rng.random() < 0.6 else self._people())
        self._pages_left -= 1
        match self._page:
            case ProductPage() as page:
                return self._after_product(connection, page)
            case HomePage() | ListPage():
                return self._after_list(connection)
            case None:
                return self._arrive(connection)

    def start_over(self) -> None:
        """After a failure: the person is gone, another comes."""
        self._begin(self._people())

    def _begin(self, person: Person) -> None:
        self._person = person
        self._mind = person.mind()
        self._page: Page | None = None
        self._seen: list[Seen] = []
        self._factors: dict[str, float] = {}
        self._pages_left = 1 + int(self._rng.expovariate(1 / MEAN_PAGES))
        if person.account and self._rng.random() < OTHER_DEVICE_SHARE:
            person.cookies.held.clear()

    def _arrive(self, connection: Connection) -> str:
        person = self._person
        if person.account and not person.cookies.held:
            # Until they sign in, the shop does not know who is at the other device.
            known_since_s, person.known_since_s = person.known_since_s, None
            self._open(connection, FIRST_PATH)
            person.known_since_s = known_since_s
            self._tally.deed("sign-in")
            return self._enter(connection, "/accounts/sign-in/", FIRST_PATH, ("password",), person.account)
        return self._open(connection, FIRST_PATH)

    def _after_list(self, connection: Connection) -> str:
        chosen = self._mind.choose(self._seen, self._factors)
        if chosen:
            self._tally.click(chosen.row.key)
            if isinstance(self._page, HomePage):
                self._tally.home_click(variation_of(self._page.rows))
            return self._open(connection, chosen.card.href)
        return self._follow(connection, self._mind.wish_after_list())

    def _after_product(self, connection: Connection, page: ProductPage) -> str:
        is_watched = page.item_id in self._person.watched
        wish = self._mind.wish_after_product(page.item_id, can_buy=bool(page.sizes), is_watched=is_watched)
        if wish is Wish.WATCH:
            return self._watch(connection, page)
        if wish is Wish.BUY and page.is_signed_in:
            return self._buy(connection, page)
        if wish is Wish.BUY and not self._person.account and self._rng.random() < SIGN_UP_SHARE:
            return self._join(connection, page)
        return self._follow(connection, Wish.HOME if wish is Wish.BUY else wish)

    def _follow(self, connection: Connection, wish: Wish) -> str:
        words, category = self._person.words()
        if wish is Wish.SEARCH:
            return self._open(connection, f"/search/?q={words}")
        if wish is Wish.CATEGORY:
            return self._open(connection, f"/c/{category}/")
        if wish is Wish.LEAVE:
            self._begin(self._person if self._rng.random() < 0.6 else self._people())
        return self._arrive(connection)

    def _watch(self, connection: Connection, page: ProductPage) -> str:
        path = f"{page.path}watch/"
        answer = connection.post_form(path, self._person.cookies, {"csrfmiddlewaretoken": page.csrf})
        _expect(answer, path, {302})
        self._tally.deed("watch")
        self._log("watch", page.item_id)
        self._person.watched.add(page.item_id)
        return self._land(connection, answer)

    def _buy(self, connection: Connection, page: ProductPage) -> str:
        path = f"{page.path}buy/"
        shown = connection.get(f"{page.path}review/?deed=buy&size={self._rng.choice(page.sizes)}", self._person.cookies)
        _expect(shown, page.path, {200})
        review = pages.read_review(shown.text)
        if review is None:
            return self._miss()
        fields = {
            "csrfmiddlewaretoken": review.csrf,
            "idempotency_key": review.idempotency_key,
            "choice": review.choice,
        }
        answer = connection.post_form(path, self._person.cookies, fields)
        # Somebody may have been faster.
        _expect(answer, path, {302, 409})
        if answer.status == 409:
            return self._miss()
        self._tally.deed("purchase")
        self._log("purchase", page.item_id)
        return self._land(connection, answer)

    def _miss(self) -> str:
        """The piece is gone, or dearer by now: the shopper lets it be and goes on from the homepage."""
        self._tally.deed("refused purchase")
        self._page = None
        return "review"

    def _join(self, connection: Connection, page: ProductPage) -> str:
        account = Account(f"{self._prefix}-{secrets.token_hex(6)}", secrets.token_urlsafe(12))
        kind = self._enter(connection, "/accounts/sign-up/", page.path, ("password1", "password2"), account)
        self._person.account = account
        self._tally.deed("sign-up")
        return kind

    def _enter(
        self, connection: Connection, path: str, next_path: str, password_fields: Sequence[str], account: Account
    ) -> str:
        form = connection.get(f"{path}?next={next_path}", self._person.cookies)
        _expect(form, path, {200})
        fields = {"csrfmiddlewaretoken": pages.read_csrf(form.text), "username": account.name, "next": next_path}
        fields |= dict.fromkeys(password_fields, account.password)
        answer = connection.post_form(path, self._person.cookies, fields)
        _expect(answer, path, {302})
        return self._land(connection, answer)

    def _land(self, connection: Connection, answer: Answer) -> str:
        return self._open(connection, answer.location)

    def _open(self, connection: Connection, path: str) -> str:
        answer = connection.get(path, self._person.cookies)
        for _ in range(MOST_REDIRECTS):
            if not answer.location:
                break
            path = answer.location
            answer = connection.get(path, self._person.cookies)
        _expect(answer, path, {200})
        if pages.asks_consent(answer.text):
            self._agree(connection, answer)
            answer = connection.get(path, self._person.cookies)
        return self._take_in(connection, path, answer.text)

    def _take_in(self, connection: Connection, path: str, html: str) -> str:
        place = path.partition("?")[0]
        self._page, self._seen, self._factors = None, [], {}
        if place == FIRST_PATH:
            self._page = home = pages.read_home(html)
            self._look_at_home(connection, home)
            return "home"
        if place.startswith("/p/") and (product := pages.read_product(html, place)):
            self._page = product
            self._look_at_product(product, path)
            return "product"
        if place.startswith(("/search/", "/c/")):
            kind = "search" if place.startswith("/search/") else "category"
            found = pages.read_list(html, kind)
            self._page = found
            self._seen = self._mind.look_over([found.row])
            self._count_rows([found.row])
            return kind
        return "other"

    def _look_at_home(self, connection: Connection, home: HomePage) -> None:
        if not home.rows:
            raise Failed("GET /: a homepage without rows")
        self._seen = self._mind.look_over(home.rows)
        self._factors = {row.key: factor_of(self._plants, home.rows, row) for row in home.rows}
        self._tally.home(variation_of(home.rows))
        self._count_rows(home.rows)
        known_since_s = self._person.known_since_s
        is_known = known_since_s is not None and time.monotonic() - known_since_s >= KNOWN_AFTER_S
        is_personal = len(home.rows) > 1 and home.rows[1].key == "recommended"
        self._tally.second_row(is_personal=is_personal, is_known=is_known)
        ranks: dict[str, list[int]] = {}
        for one in self._seen:
            if one.row.token:
                ranks.setdefault(one.row.token, []).append(one.card.rank)
        if ranks and home.page_view_id:
            lists = [{"token": token, "ranks": seen} for token, seen in ranks.items()]
            body = json.dumps({"page_view_id": home.page_view_id, "lists": lists})
            _expect(connection.send_beacon(BEACON_PATH, self._person.cookies, body), BEACON_PATH, {204})
            self._ledger.add_impressions(self._shopper_key, sum(map(len, ranks.values())))

    def _look_at_product(self, product: ProductPage, path: str) -> None:
        self._log("product_view", product.item_id)
        for mark, event_type in CLICKS.items():
            if mark in path:
                self._log(event_type, product.item_id)
        if self._person.known_since_s is None:
            self._person.known_since_s = time.monotonic()

    def _count_rows(self, rows: Sequence[Row]) -> None:
        for row in rows:
            likings = [self._mind.liking(one.card.item_id) for one in self._seen if one.row is row]
            if likings:
                self._tally.see(row.key, likings)

    def _agree(self, connection: Connection, answer: Answer) -> None:
        fields = {"csrfmiddlewaretoken": pages.read_csrf(answer.text), "choice": "yes", "next": FIRST_PATH}
        _expect(connection.post_form("/privacy/choice/", self._person.cookies, fields), "/privacy/choice/", {302})

    def _log(self, event_type: str, item_id: str) -> None:
        self._ledger.add(self._shopper_key, event_type, item_id)

    @property
    def _shopper_key(self) -> str:
        """Whom the shop takes this for; empty where it may not remember anybody."""
        visit = cookie.read(self._person.cookies.held.get(cookie.name(), ""))
        return visit.shopper_key if visit else ""


def _expect(answer: Answer, path: str, statuses: set[int]) -> None:
    if answer.status not in statuses:
        raise Failed(f"{path.partition('?')[0]}: status {answer.status}")
