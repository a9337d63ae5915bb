"""Ann, who has one of everything, and clients that ask in her name, in somebody else's, and in nobody's."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.test import Client

from catalog.models import Ask, Bid, Order, OrderStep, Suspension, Trade, Watch
from catalog.watching import watch
from storefront.access import tokens
from storefront.access.models import ApiToken
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_product, make_variant
from tests.factories.orders import make_order
from tests.security.routes import Route

NAME = "ann-of-the-matrix"
SEEN_PRICE = 77_700


@dataclass(frozen=True, slots=True)
class Ann:
    """One account's things, by the names that the table gives them."""

    account: User
    slug: str
    sku: str
    variant_id: int
    bid_id: int
    ask_id: int
    bought_id: int
    sold_id: int
    token_id: int

    def address(self, route: Route, thing: str) -> str:
        """The route's address with that thing of hers; every parameter but the goods is the thing."""
        goods = {"slug": self.slug, "sku": self.sku}
        named = [name for name in route.parameters if name not in goods]
        return route.address(**goods, **dict.fromkeys(named, getattr(self, thing) if thing else 1))

    def state(self) -> tuple[Any, ...]:
        """All that others must not change."""
        rows = (Bid, Ask, Trade, Order, OrderStep, Watch, Suspension)
        kept = [list(model.objects.order_by("pk").values()) for model in rows]
        return (*kept, list(ApiToken.objects.order_by("pk").values("pk", "account")))


def make_ann() -> Ann:
    ann, other = make_user(NAME), make_user()
    variant = make_variant(make_product(retail_price_cents=SEEN_PRICE))
    watch(account=ann, product_id=variant.product_id)
    return Ann(
        account=ann,
        slug=variant.product.slug,
        sku=variant.product.sku,
        variant_id=variant.pk,
        bid_id=make_bid(variant, 5_000, ann).pk,
        ask_id=make_ask(variant, 50_000, ann).pk,
        bought_id=make_order("shipped", buyer=ann, seller=other).pk,
        sold_id=make_order("paid", buyer=other, seller=ann).pk,
        token_id=tokens.issue(account=ann, name="ann's bot").row.pk,
    )


def client_of(account: User | None) -> Client:
    client = Client()
    if account is not None:
        client.force_login(account)
    return client


def ask_route(client: Client, method: str, address: str) -> Any:
    """Ask with what a form or a program would send, so that the answer is about who asks."""
    if method == "get":
        return client.get(address)
    key = str(uuid4())
    fields: dict[str, Any] = {"price": "51", "reason": "A reason.", "tracking": "", "idempotency_key": key, "days": "7"}
    if address.startswith("/api/"):
        fields = _body_of(address)
        return getattr(client, method)(
            address, fields, content_type="application/json", headers={"Idempotency-Key": key}
        )
    return getattr(client, method)(address, fields)


def _body_of(address: str) -> dict[str, Any]:
    if address.endswith("/give-up/"):
        return {"reason": "A reason."}
    if address.startswith(("/api/bids/", "/api/asks/")):
        return {"price_cents": 5_100, "expires_in_days": 7}
    return {}
