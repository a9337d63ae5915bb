"""Products that a shopper wants in no row: hidden at once, until they are shown again or the shopper is forgotten."""

from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from catalog.models import Product
from storefront.accounts.models import HiddenItem

MOST_HIDDEN = 500
KEPT_S = 300


@transaction.atomic
def hide(shopper_key: str, product: Product) -> None:
    """Leave the product out of the shopper's rows from the next page on; beyond `MOST_HIDDEN` the oldest returns."""
    HiddenItem.objects.update_or_create(
        shopper_key=shopper_key, product=product, defaults={"hidden_at": settings.CLOCK.now()}
    )
    oldest = HiddenItem.objects.filter(shopper_key=shopper_key).values_list("pk", flat=True)[MOST_HIDDEN:]
    HiddenItem.objects.filter(pk__in=list(oldest)).delete()
    _forget_kept(shopper_key)


def show_again(shopper_key: str, product: Product) -> None:
    """Let rows show the product again."""
    HiddenItem.objects.filter(shopper_key=shopper_key, product=product).delete()
    _forget_kept(shopper_key)


def hidden_skus(shopper_key: str) -> frozenset[str]:
    """The SKUs of what the shopper hid; no query while Valkey keeps them."""
    kept = cache.get(_key(shopper_key))
    if kept is None:
        kept = frozenset(
            HiddenItem.objects.filter(shopper_key=shopper_key).values_list("product__sku", flat=True)[:MOST_HIDDEN]
        )
        cache.set(_key(shopper_key), kept, KEPT_S)
    found: frozenset[str] = kept
    return found


def hidden_products(shopper_key: str) -> list[Product]:
    """What the shopper hid, the latest first."""
    rows = HiddenItem.objects.filter(shopper_key=shopper_key).select_related("product__brand", "product__category")
    return [row.product for row in rows[:MOST_HIDDEN]]


def forget_hidden(shopper_keys: Iterable[str]) -> None:
    """Erase what these shoppers hid."""
    keys = list(shopper_keys)
    HiddenItem.objects.filter(shopper_key__in=keys).delete()
    for key in keys:
        _forget_kept(key)


def move_hidden(from_key: str, to_key: str) -> None:
    """Hand what a device hid to the account that it joined; what the account hid as well stays as it is."""
    of_account = HiddenItem.objects.filter(shopper_key=to_key).values("product")
    HiddenItem.objects.filter(shopper_key=from_key, product__in=of_account).delete()
    HiddenItem.objects.filter(shopper_key=from_key).update(shopper_key=to_key)
    _forget_kept(from_key)
    _forget_kept(to_key)


def _forget_kept(shopper_key: str) -> None:
    # Once more when the transaction is through: a page in between could have kept what was before.
    cache.delete(_key(shopper_key))
    transaction.on_commit(lambda: cache.delete(_key(shopper_key)))


def _key(shopper_key: str) -> str:
    return f"hidden:{shopper_key}"
