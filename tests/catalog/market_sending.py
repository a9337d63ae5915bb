"""A test's command as a call of its service, and the answer as the model gives it."""

from collections.abc import Callable
from typing import Any

from catalog import services
from catalog.exceptions import OrderRefused, QuoteMoved
from catalog.market import Placed
from catalog.matching import Side
from storefront.accounts.models import User
from tests.catalog.market_model import Answer, Asked


def send(asked: Asked, account: User) -> tuple[Answer, int | None]:
    """A command's answer, and the id of the bid or ask that it placed or changed."""
    who = "buyer" if asked.side is Side.BID else "seller"
    fields: dict[str, Any] = {who: account, "idempotency_key": asked.key}
    fields[f"{asked.kind[-3:]}_id" if asked.is_change else "variant_id"] = asked.target
    if asked.kind in {"buy_now", "sell_now"}:
        fields["seen_price_cents"] = asked.price_cents
    elif not asked.kind.startswith("cancel"):
        fields |= {"price_cents": asked.price_cents, "expires_in_days": asked.days}
    service: Callable[..., Placed | None] = getattr(services, asked.kind)
    try:
        placed = service(**fields)
    except QuoteMoved as error:
        return Answer(error.code, error.price_cents), None
    except OrderRefused as error:
        return Answer(error.code), None
    if placed is None:
        return Answer(), asked.target
    own, met = (placed.bid_id, placed.ask_id) if asked.side is Side.BID else (placed.ask_id, placed.bid_id)
    if placed.trade_id is None:
        return Answer(), own
    return Answer(traded_at_cents=placed.price_cents, met=met), own
