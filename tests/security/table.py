"""What each route of the shop is: whose things it shows, and what its address names."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Whose a route is."""

    # The same for everybody: goods, words, forms that change nothing of anybody else's.
    PUBLIC = "public"
    # The asking account's own things; the address names none.
    OWN = "own"
    # One thing of an account, named by the address; for others it does not exist.
    OBJECT = "object"
    # Whoever holds the address's secret.
    SECRET = "secret"
    # The operator's, by address or token.
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Rule:
    """One route's kind and the methods that it takes; of an OBJECT, which thing of ann's stands in the address."""

    kind: Kind
    methods: tuple[str, ...] = ("get",)
    thing: str = ""


READ, CHANGE, FORM = ("get",), ("post",), ("get", "post")


def public(methods: tuple[str, ...] = READ) -> Rule:
    return Rule(Kind.PUBLIC, methods)


def own(methods: tuple[str, ...] = READ) -> Rule:
    return Rule(Kind.OWN, methods)


def object_of(thing: str, methods: tuple[str, ...] = READ) -> Rule:
    return Rule(Kind.OBJECT, methods, thing)


# The admin's routes are not listed one by one: all of them are for staff alone.
RULES: dict[str, Rule] = {
    "home": public(),
    "search": public(),
    "suggest": public(),
    "category": public(),
    "drops": public(),
    "product": public(),
    "art": public(),
    "events": public(CHANGE),
    "api": public(),
    "schema": public(),
    "api-nowhere": public(),
    "api-products": public(),
    "api-product": public(),
    "api-product-book": public(),
    "api-product-history": public(),
    "api-product-quotes": public(),
    "api-product-sales": public(),
    "api-recommendations": public(),
    "privacy": public(),
    "privacy-choice": public(CHANGE),
    "robots": public(),
    "sign-in": public(FORM),
    "sign-up": public(FORM),
    "sign-out": public(CHANGE),
    "password-reset": public(FORM),
    "password-reset-sent": public(),
    # What is done at these desks is done in one's own name; the address names the goods alone.
    "ask": public(FORM),
    "bid": public(FORM),
    "buy": public(FORM),
    "sell": public(FORM),
    "hide": public(CHANGE),
    "show-again": public(CHANGE),
    "watch": public(CHANGE),
    "api-asks": own(FORM),
    "api-bids": own(FORM),
    "api-orders": own(FORM),
    "api-sales": own(FORM),
    "api-tokens": own(FORM),
    "api-watchlist": own(),
    "api-watch": own(("put", "delete")),
    "my-asks": own(),
    "my-bids": own(),
    "orders": own(),
    "mail-choice": own(CHANGE),
    "password-change": own(FORM),
    "profile": own(FORM),
    "review": own(),
    "sales": own(),
    "tokens": own(FORM),
    "unwatch": own(CHANGE),
    "watchlist": own(),
    "api-ask": object_of("ask_id", ("get", "put", "delete")),
    "api-bid": object_of("bid_id", ("get", "put", "delete")),
    "api-order": object_of("bought_id"),
    "api-order-receive": object_of("bought_id", CHANGE),
    "api-sale": object_of("sold_id"),
    "api-sale-give-up": object_of("sold_id", CHANGE),
    "api-sale-ship": object_of("sold_id", CHANGE),
    "api-token": object_of("token_id", ("delete",)),
    "cancel-ask": object_of("ask_id", CHANGE),
    "cancel-bid": object_of("bid_id", CHANGE),
    "my-ask": object_of("ask_id", FORM),
    "my-bid": object_of("bid_id", FORM),
    "order": object_of("bought_id"),
    "receive": object_of("bought_id", CHANGE),
    "sale": object_of("sold_id"),
    "give-up": object_of("sold_id", CHANGE),
    "revoke-token": object_of("token_id", CHANGE),
    "ship": object_of("sold_id", CHANGE),
    "enter": Rule(Kind.SECRET, FORM),
    "password-reset-confirm": Rule(Kind.SECRET, FORM),
    "stop-mail": Rule(Kind.SECRET, FORM),
    "health": Rule(Kind.MACHINE),
    "ready": Rule(Kind.MACHINE),
    "metrics": Rule(Kind.MACHINE),
}
