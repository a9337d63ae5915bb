"""What accounts do to the book: bid, ask, edit, cancel, buy now and sell now; each once a key, in one round trip.

A refusal is an outcome and kept with its key. Inside a transaction of one's own, catch it within, so that it is
committed: an error that leaves the block takes the refusal with it, and the key is as if it had never been sent.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from catalog import conf, market
from catalog.exceptions import OrderRejected
from catalog.housekeeping import expire_orders, lift_suspension, prune_commands, renew_quote, stock_house_asks, suspend
from catalog.limits import EXPIRY_DAYS, MAX_PRICE_CENTS, check_id, check_price
from catalog.market import Command, Placed

__all__ = [
    "EXPIRY_DAYS",
    "MAX_PRICE_CENTS",
    "Placed",
    "buy_now",
    "cancel_ask",
    "cancel_bid",
    "edit_ask",
    "edit_bid",
    "expire_orders",
    "lift_suspension",
    "place_ask",
    "place_bid",
    "prune_commands",
    "renew_quote",
    "sell_now",
    "stock_house_asks",
    "suspend",
]


def place_bid(
    *, variant_id: int, buyer: AbstractBaseUser, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Bid for one piece; at the lowest ask or above it buys at once, at that ask's price.

    Args:
        variant_id: the size.
        buyer: who pays.
        price_cents: the most that the buyer gives, 1..`MAX_PRICE_CENTS` minor units.
        expires_in_days: one of `EXPIRY_DAYS`.
        idempotency_key: the same key again has the same outcome, and does nothing more.

    Returns:
        The bid, and the trade and order if it was met.

    Raises:
        OrderRejected: an argument is wrong, or the product is not listed; the message names it.
        DropNotOpen: the product is not out yet.
        SelfTrade: only the buyer's own ask is as low.
        LimitReached: the buyer has all the pieces of the drop that one account may have.
        AccountSuspended: the buyer may not trade at present.
        IdempotencyKeyReused: the key belongs to another command.
        CommandInProgress: the same key is under way.
    """
    return _place("place_bid", buyer, variant_id, price_cents, expires_in_days, idempotency_key)


def place_ask(
    *, variant_id: int, seller: AbstractBaseUser, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Offer one piece for sale; at the highest bid or below it sells at once, at that bid's price.

    Args:
        variant_id: the size.
        seller: who sells.
        price_cents: the least that the seller takes, 1..`MAX_PRICE_CENTS` minor units.
        expires_in_days: one of `EXPIRY_DAYS`.
        idempotency_key: as for `place_bid`.

    Returns:
        The ask, and the trade and order if it was met.

    Raises:
        OrderRefused: as for `place_bid`.
    """
    return _place("place_ask", seller, variant_id, price_cents, expires_in_days, idempotency_key)


def edit_bid(
    *, bid_id: int, buyer: AbstractBaseUser, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Give a standing bid another price and expiry; a new price goes to the end of its line, or is met at once.

    Args:
        bid_id: one of the buyer's own.
        buyer, price_cents, expires_in_days, idempotency_key: as for `place_bid`.

    Returns:
        As for `place_bid`.

    Raises:
        OrderRefused: as for `place_bid`; OrderRejected too if the buyer has no such bid.
        OrderClosed: it was filled, cancelled, or ran out.
    """
    return _place("edit_bid", buyer, bid_id, price_cents, expires_in_days, idempotency_key)


def edit_ask(
    *, ask_id: int, seller: AbstractBaseUser, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Give a standing ask another price and expiry.

    Args:
        ask_id: one of the seller's own.
        seller, price_cents, expires_in_days, idempotency_key: as for `place_ask`.

    Returns:
        As for `place_ask`.

    Raises:
        OrderRefused: as for `edit_bid`.
    """
    return _place("edit_ask", seller, ask_id, price_cents, expires_in_days, idempotency_key)


def cancel_bid(*, bid_id: int, buyer: AbstractBaseUser, idempotency_key: UUID) -> None:
    """Take a standing bid out of the book.

    Args:
        bid_id: one of the buyer's own.
        buyer: who placed it; one who is suspended may cancel, too.
        idempotency_key: as for `place_bid`.

    Raises:
        OrderRejected: the buyer has no such bid.
        OrderClosed: it was filled or cancelled before, or ran out.
        IdempotencyKeyReused, CommandInProgress: as for `place_bid`.
    """
    market.carry_out(_command("cancel_bid", buyer, bid_id, idempotency_key), conf.now())


def cancel_ask(*, ask_id: int, seller: AbstractBaseUser, idempotency_key: UUID) -> None:
    """Take a standing ask out of the book.

    Args:
        ask_id: one of the seller's own.
        seller, idempotency_key: as for `cancel_bid`.

    Raises:
        OrderRefused: as for `cancel_bid`.
    """
    market.carry_out(_command("cancel_ask", seller, ask_id, idempotency_key), conf.now())


def buy_now(*, variant_id: int, buyer: AbstractBaseUser, seen_price_cents: int, idempotency_key: UUID) -> Placed:
    """Buy one piece at the lowest ask of somebody else, or from the house where nobody else asks.

    A better price than the one seen is taken; a worse one refuses.

    Args:
        variant_id: the size to buy.
        buyer: who pays.
        seen_price_cents: the price that the buyer agreed to, in minor units.
        idempotency_key: as for `place_bid`.

    Returns:
        The trade and its order; `ask_id` is the ask that was bought, None for the house's price.

    Raises:
        OrderRefused: as for `place_bid`.
        AskGone: nothing is for sale any more.
        SoldOut: the same, of a drop.
        QuoteMoved: the price is now worse than the one seen; nothing was charged.
    """
    return _take("buy_now", buyer, variant_id, seen_price_cents, idempotency_key)


def sell_now(*, variant_id: int, seller: AbstractBaseUser, seen_price_cents: int, idempotency_key: UUID) -> Placed:
    """Sell one piece to the highest bid of somebody else.

    Args:
        variant_id: the size to sell.
        seller: who sells.
        seen_price_cents: the price that the seller agreed to, in minor units.
        idempotency_key: as for `place_bid`.

    Returns:
        The trade and its order; `bid_id` is the bid that was filled.

    Raises:
        OrderRefused: as for `place_bid`.
        BidGone: nobody bids any more.
        QuoteMoved: the price is now worse than the one seen; nothing was sold.
    """
    return _take("sell_now", seller, variant_id, seen_price_cents, idempotency_key)


def _place(
    kind: str, account: AbstractBaseUser, target_id: int, price_cents: int, expires_in_days: int, key: UUID
) -> Placed:
    check_price("price_cents", price_cents)
    if expires_in_days not in EXPIRY_DAYS:
        raise OrderRejected(f"expires_in_days == {expires_in_days}, must be one of {', '.join(map(str, EXPIRY_DAYS))}.")
    now = conf.now()
    until = now + timedelta(days=expires_in_days)
    return _carry_out(
        _command(
            kind, account, target_id, key, price_cents=price_cents, expires_at=until, expires_in_days=expires_in_days
        ),
        now,
    )


def _take(kind: str, account: AbstractBaseUser, variant_id: int, seen_price_cents: int, key: UUID) -> Placed:
    check_price("seen_price_cents", seen_price_cents)
    return _carry_out(_command(kind, account, variant_id, key, price_cents=seen_price_cents), conf.now())


def _carry_out(command: Command, now: datetime) -> Placed:
    return market.placed(market.carry_out(command, now))


def _command(
    kind: str,
    account: AbstractBaseUser,
    target_id: int,
    key: UUID,
    *,
    price_cents: int | None = None,
    expires_at: datetime | None = None,
    expires_in_days: int | None = None,
) -> Command:
    is_of_size = kind in {"place_bid", "place_ask", "buy_now", "sell_now"}
    check_id("variant_id" if is_of_size else f"{kind[-3:]}_id", target_id)
    return Command(kind, account.pk, key, target_id, price_cents, expires_at, expires_in_days)
