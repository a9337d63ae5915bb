"""What a simulated shopper reads off a page: rows, cards, tokens and forms, straight from the HTML."""

import re
from dataclasses import dataclass
from html import unescape

ROW = re.compile(r'<section class="row" data-row="([^"]+)"(?: data-token="([^"]+)")?(?: data-variation="([^"]+)")?')
CARD = re.compile(r'<article class="card" data-item-id="([^"]+)">\s*<a class="card-link" href="([^"]+)"')
PAGE_VIEW = re.compile(r'data-page-view="([^"]+)"')
PRODUCT = re.compile(r'<article class="product" data-item-id="([^"]+)"')
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
IDEMPOTENCY = re.compile(r'name="idempotency_key" value="([^"]+)"')
# A size that somebody sells now; its review asks for the click, with the price of that moment.
SIZE = re.compile(r'<input [^>]*name="size" value="(\d+)"[^>]* data-choice=')
CHOICE = re.compile(r'<input [^>]*name="choice" value="([^"]+)"')
CONSENT = 'action="/privacy/choice/"'
SIGN_OUT = 'action="/accounts/sign-out/"'


@dataclass(frozen=True, slots=True)
class Card:
    """One product on a page, and the address that its link leads to; ranks count from 1."""

    item_id: str
    href: str
    rank: int


@dataclass(frozen=True, slots=True)
class Row:
    """Cards under one heading; token and variation are empty where nothing is recorded or no experiment decides."""

    key: str
    token: str
    cards: tuple[Card, ...]
    variation: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """The homepage: its page view id (empty where there is none) and its rows, top to bottom."""

    page_view_id: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A search result or a category, as one row named for what it is."""

    row: Row


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One product: its SKU, its path, its form's token and the sizes that one can buy now; without any, nobody can."""

    item_id: str
    path: str
    csrf: str
    sizes: tuple[str, ...]
    is_signed_in: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What the last click of a purchase sends."""

    csrf: str
    idempotency_key: str
    choice: str


Page = HomePage | ListPage | ProductPage


def read_home(html: str) -> HomePage:
    """The homepage's rows."""
    starts = list(ROW.finditer(html))
    ends = [start.start() for start in starts[1:]] + [len(html)]
    rows = tuple(
        Row(start[1], start[2] or "", _cards(html[start.end() : end]), start[3] or "")
        for start, end in zip(starts, ends, strict=True)
    )
    found = PAGE_VIEW.search(html)
    return HomePage(found[1] if found else "", rows)


def read_list(html: str, key: str) -> ListPage:
    """All cards of a page that has no rows."""
    return ListPage(Row(key, "", _cards(html)))


def read_product(html: str, path: str) -> ProductPage | None:
    """The product that a page shows; None where it is no product page."""
    found = PRODUCT.search(html)
    if found is None:
        return None
    return ProductPage(
        item_id=unescape(found[1]),
        path=path,
        csrf=read_csrf(html),
        sizes=tuple(size[1] for size in SIZE.finditer(html)),
        is_signed_in=SIGN_OUT in html,
    )


def read_review(html: str) -> Review | None:
    """The purchase that a page asks to confirm; None where nobody sells the size any more."""
    key, choice = IDEMPOTENCY.search(html), CHOICE.search(html)
    if key is None or choice is None:
        return None
    return Review(read_csrf(html), key[1], choice[1])


def read_csrf(html: str) -> str:
    """The token of the page's forms; empty where it has none."""
    found = CSRF.search(html)
    return found[1] if found else ""


def asks_consent(html: str) -> bool:
    """Whether the page asks to remember what the shopper looks at."""
    return CONSENT in html


def _cards(html: str) -> tuple[Card, ...]:
    return tuple(
        Card(unescape(card[1]), unescape(card[2]), rank) for rank, card in enumerate(CARD.finditer(html), start=1)
    )
