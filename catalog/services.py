"""The only writers of the book: place_ask, buy_now, and renew_quote for asks that ran out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from catalog import conf
from catalog.exceptions import AskGone, DropNotOpen, IdempotencyKeyReused, OrderRejected, QuoteMoved, SelfTrade
from catalog.models import Ask, Trade, Variant
from catalog.quotes import refresh_quote

MAX_PRICE_CENTS = 1_000_000_00
ONCE_PER_KEY = "trade_once_per_key"


@dataclass(frozen=True, slots=True)
class _Sale:
    """What a buyer gets now: an ask and its price, or the house's price without an ask."""

    price_cents: int
    ask: Ask | None


@transaction.atomic
def place_ask(
    *, variant_id: int, seller: AbstractBaseUser | None, price_cents: int, expires_at: datetime | None = None
) -> Ask:
    """Offer one piece for sale and move the quote with it.

    Args:
        variant_id: the size on offer.
        seller: who sells; None is the house.
        price_cents: the limit price, 1..`MAX_PRICE_CENTS` minor units.
        expires_at: aware; None stands until sold or cancelled.

    Returns:
        The open ask.

    Raises:
        OrderRejected: the variant is unknown, the price out of range or the expiry past.
    """
    if not 0 < price_cents <= MAX_PRICE_CENTS:
        raise OrderRejected(f"price_cents == {price_cents}, must be 1..{MAX_PRICE_CENTS}.")
    now = conf.now()
    if expires_at is not None and expires_at <= now:
        raise OrderRejected(f"expires_at == {expires_at.isoformat()}, must be later than {now.isoformat()}.")
    _lock(variant_id)
    ask = Ask.objects.create(
        variant_id=variant_id, seller_id=_id(seller), price_cents=price_cents, placed_at=now, expires_at=expires_at
    )
    refresh_quote(variant_id)
    return ask


def buy_now(*, variant_id: int, buyer: AbstractBaseUser, seen_price_cents: int, idempotency_key: UUID) -> Trade:
    """Buy one piece at the lowest ask of somebody else, or from the house where nobody asks.

    One transaction under the variant's lock, so that an ask is sold at most once. A better price than the one seen is
    taken; a worse one refuses.

    Args:
        variant_id: the size to buy.
        buyer: who pays.
        seen_price_cents: the price the buyer agreed to, in minor units.
        idempotency_key: repeating a call with the same key returns the same trade and buys nothing more.

    Returns:
        The trade, new or the one this key already made.

    Raises:
        OrderRejected: the variant is unknown or its product delisted, or the seen price is not positive.
        DropNotOpen: the product is not released yet; its asks stand and are not sold.
        AskGone: nothing is for sale any more.
        QuoteMoved: the price is now worse than the one seen; nothing was charged.
        SelfTrade: the only ask is the buyer's own.
        IdempotencyKeyReused: the key made a trade of another variant or at a worse price than the one seen now.
    """
    if seen_price_cents <= 0:
        raise OrderRejected(f"seen_price_cents == {seen_price_cents}, must be the price shown, above 0.")
    try:
        with transaction.atomic():
            return _buy(variant_id, buyer, seen_price_cents, idempotency_key)
    except IntegrityError as error:
        # The same key at the same instant on two variants: each holds its own lock, the constraint decides.
        if ONCE_PER_KEY in str(error):
            raise IdempotencyKeyReused("idempotency_key: belongs to another order; send a new key.") from error
        raise


@transaction.atomic
def renew_quote(*, variant_id: int) -> None:
    """Bring a variant's quote up to date where no order did: asks run out while nobody trades.

    Args:
        variant_id: the size whose quote turned out to be old.

    Raises:
        OrderRejected: the variant is unknown.
    """
    _lock(variant_id)
    refresh_quote(variant_id)


def _buy(variant_id: int, buyer: AbstractBaseUser, seen_price_cents: int, idempotency_key: UUID) -> Trade:
    variant = _lock(variant_id)
    earlier = Trade.objects.filter(buyer_id=buyer.pk, idempotency_key=idempotency_key).first()
    if earlier is not None:
        return _same_order(earlier, variant_id, seen_price_cents)
    if not variant.product.is_listed:
        raise OrderRejected(f"variant_id == {variant_id}: its product is not listed any more.")
    now = conf.now()
    if variant.product.is_upcoming(now.date()):
        raise DropNotOpen(f"variant_id == {variant_id}: its product drops on {variant.product.released_on}.")
    sale = _best_sale(variant, buyer, now)
    if sale.price_cents > seen_price_cents:
        raise QuoteMoved(seen_price_cents=seen_price_cents, price_cents=sale.price_cents)
    if sale.ask is not None:
        sale.ask.status = Ask.Status.SOLD
        sale.ask.save(update_fields=["status"])
    trade = Trade.objects.create(
        variant=variant,
        ask=sale.ask,
        buyer_id=buyer.pk,
        price_cents=sale.price_cents,
        traded_at=now,
        idempotency_key=idempotency_key,
    )
    refresh_quote(variant_id)
    return trade


def _best_sale(variant: Variant, buyer: AbstractBaseUser, now: datetime) -> _Sale:
    book = Ask.objects.open_for(variant.pk, at=now)
    ask = book.not_by(buyer.pk).by_priority().first()
    if ask is not None:
        return _Sale(ask.price_cents, ask)
    house_price_cents = variant.product.house_price_cents
    if house_price_cents is not None:
        return _Sale(house_price_cents, None)
    if book.exists():
        raise SelfTrade("The only ask is your own; cancel it instead of buying it.")
    raise AskGone("Nobody asks for this size any more.")


def _same_order(trade: Trade, variant_id: int, seen_price_cents: int) -> Trade:
    if trade.variant_id != variant_id or trade.price_cents > seen_price_cents:
        raise IdempotencyKeyReused("idempotency_key: belongs to another order; send a new key.")
    return trade


def _lock(variant_id: int) -> Variant:
    """Hold the variant's book until the transaction ends; rows that merely refer to the variant are not held up."""
    variants = Variant.objects.select_for_update(of=("self",), no_key=True).select_related("product")
    try:
        return variants.get(pk=variant_id)
    except Variant.DoesNotExist as error:
        raise OrderRejected(f"variant_id == {variant_id}: there is no such size.") from error


def _id(user: AbstractBaseUser | None) -> int | None:
    return None if user is None else user.pk
