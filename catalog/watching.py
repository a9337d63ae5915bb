"""The watchlist: which products an account watches, what each cost when it came there, and what it costs now."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Coalesce

from catalog import conf
from catalog.exceptions import WatchlistFull
from catalog.models import Product, Watch

# More than anybody looks through, and few enough to count at each addition.
MAX_WATCHED = 500
LOWEST_ASK = "product__variants__quote__lowest_ask_cents"


@dataclass(frozen=True, slots=True)
class Watched:
    """One product on a watchlist; prices in minor units, None where nobody asked or asks.

    `product` has its `lowest_ask_cents` and comes with its brand, category and drop.
    """

    product: Product
    then_cents: int | None
    now_cents: int | None
    watched_at: datetime

    @property
    def drop_cents(self) -> int:
        """How much less it costs than when it came here; 0 where it does not."""
        if self.then_cents is None or self.now_cents is None:
            return 0
        return max(0, self.then_cents - self.now_cents)

    @property
    def is_newly_for_sale(self) -> bool:
        """Whether nobody asked when it came here, and somebody does now."""
        return self.then_cents is None and self.now_cents is not None


@transaction.atomic
def watch(*, account: AbstractBaseUser, product_id: int) -> bool:
    """Put a product on an account's watchlist at the price that it has now; what is there stays as it was.

    Args:
        account: whose list.
        product_id: of an announced product, out or not.

    Returns:
        Whether it is new on the list.

    Raises:
        WatchlistFull: the list holds `MAX_WATCHED` products.
    """
    if Watch.objects.filter(account_id=account.pk, product_id=product_id).exists():
        return False
    if Watch.objects.filter(account_id=account.pk).count() >= MAX_WATCHED:
        raise WatchlistFull(f"The watchlist holds {MAX_WATCHED} products; remove one first.")
    asked = Product.objects.with_quotes().filter(pk=product_id)
    price_cents = asked.values_list(Coalesce("lowest_ask_cents", "house_price_cents"), flat=True).first()
    _, is_new = Watch.objects.get_or_create(
        account_id=account.pk,
        product_id=product_id,
        defaults={"price_cents": price_cents, "watched_at": conf.now()},
    )
    return is_new


def unwatch(*, account: AbstractBaseUser, product_id: int) -> bool:
    """Take a product off an account's watchlist.

    Args:
        account: whose list.
        product_id: the product.

    Returns:
        Whether it was on the list.
    """
    return Watch.objects.filter(account_id=account.pk, product_id=product_id).delete()[0] > 0


def is_watching(account: AbstractBaseUser, product_id: int) -> bool:
    """Whether the account watches the product."""
    return Watch.objects.filter(account_id=account.pk, product_id=product_id).exists()


def watchlist(account: AbstractBaseUser) -> QuerySet[Watch]:
    """An account's watchlist, the latest first; each with `lowest_ask_cents` and `now_cents`, in one query.

    Products that the shop took off its shelves are left out, and come back with them.
    """
    return (
        Watch.objects.filter(account_id=account.pk, product__is_listed=True)
        .select_related("product__brand", "product__category", "product__drop")
        .annotate(lowest_ask_cents=Min(LOWEST_ASK))
        .annotate(now_cents=Coalesce(F("lowest_ask_cents"), F("product__house_price_cents")))
        .order_by("-watched_at", "-pk")
    )


def as_watched(row: Watch) -> Watched:
    """A row of `watchlist` as a value."""
    product = row.product
    product.lowest_ask_cents = row.lowest_ask_cents  # type: ignore[attr-defined]
    now_cents: int | None = row.now_cents  # type: ignore[attr-defined]
    return Watched(product, row.price_cents, now_cents, row.watched_at)
