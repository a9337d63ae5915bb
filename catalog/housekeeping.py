"""What the house, the clock and the staff do to the book: stock, expiry, pruning, suspensions, fresh quotes."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from psycopg.types.numeric import Int4, Int8

from catalog import conf, market
from catalog.calling import call_market
from catalog.exceptions import OrderRejected
from catalog.limits import check_id, check_price, check_reason
from catalog.models import Ask, Bid, MarketCommand, Suspension, Variant

MAX_PIECES = 10_000
# A key that is sent again later than this is a new command.
COMMANDS_KEPT = timedelta(days=30)
PRUNE_BATCH = 5_000


def stock_house_asks(
    *,
    variant_id: int,
    n_pieces: int,
    price_cents: int,
    drop_id: int | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Put pieces of the house on sale, also before a drop opens; standing bids that meet them get theirs at once.

    A bid of an account that may have no more pieces of the drop is cancelled instead: it can buy none of them.

    Args:
        variant_id: the size.
        n_pieces: how many, 1..`MAX_PIECES`; an ask each.
        price_cents: what each costs, in minor units.
        drop_id: whose stock they are.
        expires_at: aware; None stands until sold.

    Returns:
        How many stand in the book now.

    Raises:
        OrderRejected: an argument is wrong, or bids that it would meet stand in a book that is not open yet.
    """
    check_id("variant_id", variant_id)
    check_price("price_cents", price_cents)
    if not 0 < n_pieces <= MAX_PIECES:
        raise OrderRejected(f"n_pieces == {n_pieces}, must be 1..{MAX_PIECES}.")
    now = conf.now()
    if expires_at is not None and expires_at <= now:
        raise OrderRejected(f"expires_at == {expires_at.isoformat()}, must be later than {now.isoformat()}.")
    told: str = call_market(
        "market_stock",
        Int8(variant_id),
        Int4(n_pieces),
        Int4(price_cents),
        None if drop_id is None else Int8(drop_id),
        expires_at,
        now,
        market.told_fees(),
    )
    n_standing: int = market.read_outcome(told)["n_standing"]
    return n_standing


def expire_orders(*, limit: int = 1_000) -> int:
    """Close bids and asks that ran out, and bring the quotes of their sizes up to date; one transaction a size.

    Args:
        limit: how many sizes at most; the rest waits for the next call.

    Returns:
        How many bids and asks were closed.
    """
    now = conf.now()
    over = Q(status="open", expires_at__lte=now)
    bids = Bid.objects.filter(over).order_by("expires_at").values_list("variant_id", flat=True)[:limit]
    asks = Ask.objects.filter(over).order_by("expires_at").values_list("variant_id", flat=True)[:limit]
    sizes = sorted({*bids, *asks})[:limit]
    return sum(call_market("market_expire", Int8(size_id), now) for size_id in sizes)


def renew_quote(*, variant_id: int) -> None:
    """Bring a size's book and quote up to date where no order did: bids and asks run out while nobody trades.

    Args:
        variant_id: the size whose quote turned out to be old.

    Raises:
        OrderRejected: the variant is unknown.
    """
    check_id("variant_id", variant_id)
    if not Variant.objects.filter(pk=variant_id).exists():
        raise OrderRejected(f"variant_id == {variant_id}: there is no such size.")
    call_market("market_expire", Int8(variant_id), conf.now())


def prune_commands() -> int:
    """Forget commands older than `COMMANDS_KEPT`, in batches.

    Returns:
        How many were forgotten.
    """
    before = conf.now() - COMMANDS_KEPT
    n_all = 0
    while True:
        batch = MarketCommand.objects.filter(made_at__lt=before).order_by("made_at").values("pk")[:PRUNE_BATCH]
        n_pruned, _ = MarketCommand.objects.filter(pk__in=batch).delete()
        n_all += n_pruned
        if n_pruned < PRUNE_BATCH:
            return n_all


@transaction.atomic
def suspend(*, account: AbstractBaseUser, by: AbstractBaseUser, reason: str) -> Suspension:
    """Let an account trade no more, and cancel all that it has standing, in one transaction.

    Args:
        account: who is suspended; one who is already stays so, for the first reason.
        by: the member of staff.
        reason: why, in 1..`MAX_REASON` characters.

    Returns:
        The suspension.

    Raises:
        OrderRejected: the reason is missing or too long.
    """
    reason = check_reason(reason)
    now = conf.now()
    # Takes the account's lock first: what it had under way is done then, and what comes later finds the suspension.
    call_market("market_withdraw", Int8(account.pk), now)
    suspension, _ = Suspension.objects.get_or_create(
        account_id=account.pk, ended_at=None, defaults={"by_id": by.pk, "reason": reason, "began_at": now}
    )
    return suspension


def lift_suspension(*, account: AbstractBaseUser) -> bool:
    """Let an account trade again; what was cancelled stays so.

    Args:
        account: who was suspended.

    Returns:
        Whether there was a suspension to lift.
    """
    return bool(Suspension.objects.filter(account_id=account.pk, ended_at=None).update(ended_at=conf.now()))
