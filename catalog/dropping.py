"""Drops: what the house announces, how much of it there is, when it opens, and what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Count, F, Q
from psycopg.types.numeric import Int8

from catalog import conf
from catalog.calling import call_market
from catalog.exceptions import DropRefused
from catalog.housekeeping import MAX_PIECES, stock_house_asks
from catalog.limits import MAX_PRICE_CENTS
from catalog.models import Ask, Bid, Drop, DropSize, Order, Product, Trade, Variant
from catalog.orders.states import OrderStatus

# Over all restocks; what its column holds.
MAX_PIECES_IN_ALL = 30_000
MAX_LIMIT = 1_000
# Nobody announces more than two years ahead: a year with a digit too many is a slip.
MAX_AHEAD = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class SizeStock:
    """One size of a drop: how many pieces it brought, and how many nobody has bought yet."""

    variant_id: int
    size: str
    n_pieces: int
    n_left: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What a drop brought and what is left of it, size by size."""

    sizes: tuple[SizeStock, ...]

    @property
    def n_pieces(self) -> int:
        """All pieces."""
        return sum(size.n_pieces for size in self.sizes)

    @property
    def n_left(self) -> int:
        """Pieces that nobody has bought yet."""
        return sum(size.n_left for size in self.sizes)

    @property
    def is_sold_out(self) -> bool:
        """Whether there were pieces and none is left."""
        return self.n_pieces > 0 and self.n_left == 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many pieces of a drop one account may buy, and how many it has."""

    limit: int
    n_had: int

    @property
    def is_used_up(self) -> bool:
        """Whether the market refuses it one more."""
        return self.n_had >= self.limit


@transaction.atomic
def announce(
    *, product_id: int, opens_at: datetime, price_cents: int, pieces: Mapping[int, int], limit_per_account: int = 1
) -> Drop:
    """Announce a drop: from now on the product has a page with a countdown, and its pieces wait in the books.

    Args:
        product_id: a product that was never traded, without a house price, and in whose books nothing stands.
        opens_at: aware, after now and at most `MAX_AHEAD`; the product counts as released on that day, in UTC.
        price_cents: what the house asks for each piece, in minor units.
        pieces: how many of each of the product's variants, by id; 1..`MAX_PIECES` each.
        limit_per_account: how many pieces one account may buy, 1..`MAX_LIMIT`.

    Returns:
        The drop.

    Raises:
        DropRefused: an argument is wrong, or the product is on the market already; the message names the fix.
    """
    product = Product.objects.select_for_update(no_key=True).filter(pk=product_id).first()
    if product is None:
        raise DropRefused(f"product: there is no product {product_id}.")
    if Drop.objects.filter(product=product).exists():
        raise DropRefused("product: it has a drop already; restock or reschedule that one.")
    if product.house_price_cents is not None:
        raise DropRefused("product: house_price_cents is set, and the house would sell on without end; clear it first.")
    _check(opens_at, price_cents, limit_per_account)
    # An order that is under way is in its book then, and one that waits finds that the drop is still to open.
    _lock_books(product.variants.values_list("pk", flat=True))
    _require_untraded(product)
    product.released_on = opens_at.astimezone(UTC).date()
    product.is_listed = True
    product.save(update_fields=["released_on", "is_listed"])
    drop = Drop.objects.create(
        product=product, opens_at=opens_at, price_cents=price_cents, limit_per_account=limit_per_account
    )
    _add_pieces(drop, pieces)
    return drop


@transaction.atomic
def restock(*, drop_id: int, pieces: Mapping[int, int]) -> Drop:
    """Add pieces to a drop, before or after it opens; standing bids at its price or more get theirs at once.

    Args:
        drop_id: the drop.
        pieces: how many more of each variant, by id.

    Returns:
        The drop.

    Raises:
        DropRefused: there is no such drop, or `pieces` is wrong.
    """
    drop = _locked(drop_id)
    _add_pieces(drop, pieces)
    return drop


@transaction.atomic
def reschedule(*, drop_id: int, opens_at: datetime) -> Drop:
    """Open a drop at another time, as long as it is still to open.

    Args:
        drop_id: the drop.
        opens_at: aware, after now and at most `MAX_AHEAD`.

    Returns:
        The drop.

    Raises:
        DropRefused: there is no such drop, it is open already, or the time is past or too far ahead.
    """
    drop = _locked(drop_id)
    if drop.opens_at <= conf.now():
        raise DropRefused("opens_at: the drop is open already; its time cannot be moved.")
    _check(opens_at, drop.price_cents, drop.limit_per_account)
    drop.opens_at = opens_at
    drop.save(update_fields=["opens_at"])
    Product.objects.filter(pk=drop.product_id).update(released_on=opens_at.astimezone(UTC).date())
    return drop


def stock_of(drop: Drop) -> Stock:
    """What a drop brought and what is left, in one query."""
    return stocks_of([drop])[drop.pk]


def stocks_of(drops: Sequence[Drop]) -> dict[int, Stock]:
    """The stock of each drop by its id, in one query."""
    left = Count("variant__asks", filter=Q(variant__asks__drop=F("drop"), variant__asks__status=Ask.Status.OPEN))
    rows = (
        DropSize.objects.filter(drop__in=drops)
        .annotate(n_left=left)
        .order_by("drop", "variant__position", "variant_id")
        .values_list("drop_id", "variant_id", "variant__size", "n_pieces", "n_left")
    )
    sizes: dict[int, list[SizeStock]] = {drop.pk: [] for drop in drops}
    for drop_id, variant_id, size, n_pieces, n_left in rows:
        sizes[drop_id].append(SizeStock(variant_id, size, n_pieces, n_left))
    return {drop_id: Stock(tuple(held)) for drop_id, held in sizes.items()}


def allowance_of(drop: Drop, *, account_id: int) -> Allowance:
    """How much of its limit an account has used, in one query; what was cancelled does not count.

    Source: `market_has_enough`, which decides; this tells of it beforehand.
    """
    bought = Order.objects.filter(buyer=account_id, trade__ask__drop=drop)
    n_had = bought.exclude(status=OrderStatus.CANCELLED.value).count()
    return Allowance(limit=drop.limit_per_account, n_had=n_had)


def drop_of(product: Product) -> Drop | None:
    """The product's drop; no query where it was read along (`select_related("drop")`)."""
    try:
        return product.drop
    except ObjectDoesNotExist:
        return None


def opening_of(product: Product) -> datetime:
    """When a product opens or opened: its drop's time, else the beginning of its day, in UTC."""
    drop = drop_of(product)
    return drop.opens_at if drop else datetime.combine(product.released_on, time(), UTC)


def _locked(drop_id: int) -> Drop:
    drop = Drop.objects.select_for_update(no_key=True).filter(pk=drop_id).first()
    if drop is None:
        raise DropRefused(f"drop: there is no drop {drop_id}.")
    return drop


def _check(opens_at: datetime, price_cents: int, limit_per_account: int) -> None:
    now = conf.now()
    if opens_at.tzinfo is None or not now < opens_at <= now + MAX_AHEAD:
        raise DropRefused(
            f"opens_at == {opens_at.isoformat()}, must be after now, {now:%Y-%m-%dT%H:%M:%SZ}, and within two years."
        )
    if not 0 < price_cents <= MAX_PRICE_CENTS:
        raise DropRefused(f"price_cents == {price_cents}, must be 1..{MAX_PRICE_CENTS}.")
    if not 0 < limit_per_account <= MAX_LIMIT:
        raise DropRefused(f"limit_per_account == {limit_per_account}, must be 1..{MAX_LIMIT}.")


def _require_untraded(product: Product) -> None:
    of_product = Q(variant__product=product)
    if Trade.objects.filter(of_product).exists():
        raise DropRefused("product: it was traded before; only what was never sold here can drop.")
    is_open = Q(status="open")
    if Ask.objects.filter(of_product, is_open).exists() or Bid.objects.filter(of_product, is_open).exists():
        raise DropRefused("product: bids or asks stand in its books; cancel them first.")


def _add_pieces(drop: Drop, pieces: Mapping[int, int]) -> None:
    sizes = dict(Variant.objects.filter(product_id=drop.product_id, pk__in=pieces).values_list("pk", "size"))
    if not pieces:
        raise DropRefused("pieces: give at least one size a number of pieces.")
    for variant_id, n_pieces in pieces.items():
        if variant_id not in sizes:
            raise DropRefused(f"pieces: variant {variant_id} is no size of this product.")
        if not 0 < n_pieces <= MAX_PIECES:
            raise DropRefused(f"pieces: {n_pieces} of size {sizes[variant_id]}, must be 1..{MAX_PIECES}.")
    # All books first: who holds one may wait for an account's count of pieces, and who holds such a count must not wait
    # for another book.
    _lock_books(pieces)
    for variant_id, n_pieces in sorted(pieces.items()):
        _count_pieces(drop, variant_id, n_pieces)
        stock_house_asks(variant_id=variant_id, n_pieces=n_pieces, price_cents=drop.price_cents, drop_id=drop.pk)


def _lock_books(variant_ids: Iterable[int]) -> None:
    """In the order of their ids, so that no two wait for each other."""
    for variant_id in sorted(variant_ids):
        call_market("market_lock", Int8(variant_id))


def _count_pieces(drop: Drop, variant_id: int, n_pieces: int) -> None:
    size, is_new = DropSize.objects.get_or_create(drop=drop, variant_id=variant_id, defaults={"n_pieces": n_pieces})
    if is_new:
        return
    # The drop is locked: nobody else counts.
    size.n_pieces += n_pieces
    if size.n_pieces > MAX_PIECES_IN_ALL:
        raise DropRefused(
            f"pieces: {size.n_pieces} of variant {variant_id} in all, must be at most {MAX_PIECES_IN_ALL}."
        )
    size.save(update_fields=["n_pieces"])
