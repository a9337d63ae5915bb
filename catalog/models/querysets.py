"""Every read of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce

from catalog import conf

if TYPE_CHECKING:
    from catalog.models.products import Product

# Without a drop a product is out from the beginning of its day on, in UTC, which is the connection's time zone.
OPENS = Coalesce("drop__opens_at", Cast("released_on", models.DateTimeField()))


def _opening_after(moment: datetime) -> models.QuerySet[Any, Any]:
    """The ids of products whose drop opens later; a handful, by an index."""
    return apps.get_model("catalog", "Drop").objects.filter(opens_at__gt=moment).values("product_id")


class ProductQuerySet(models.QuerySet["Product"]):
    def announced(self) -> ProductQuerySet:
        """What has a page of its own: listed already, or a drop still to come."""
        return self.filter(is_listed=True)

    def listed(self, *, by: datetime | None = None) -> ProductQuerySet:
        """Announced and out by that moment, or now, a drop from its opening on: what rows, lists, searches may show."""
        moment = by or conf.now()
        return self.announced().filter(released_on__lte=moment.date()).exclude(pk__in=_opening_after(moment))

    def upcoming(self) -> ProductQuerySet:
        """Announced and not out yet, the next one first; each with the moment it `opens` at."""
        now = conf.now()
        to_come = Q(released_on__gt=now.date()) | Q(pk__in=_opening_after(now))
        return self.announced().filter(to_come).with_openings().order_by(OPENS, "sku")

    def available(self, *, by: datetime | None = None) -> ProductQuerySet:
        """Listed by that moment, or now, and either somebody asks or the house sells."""
        return self.listed(by=by).for_sale()

    def for_sale(self) -> ProductQuerySet:
        """Either somebody asks, or the house sells; a drop's stock is asked for before it opens."""
        return self.with_quotes().filter(Q(lowest_ask_cents__isnull=False) | Q(house_price_cents__isnull=False))

    def with_openings(self) -> ProductQuerySet:
        """Adds the moment that each product `opens` at, or opened."""
        return self.annotate(opens=OPENS)

    def with_quotes(self) -> ProductQuerySet:
        """Adds `lowest_ask_cents` over all sizes; null where nobody asks."""
        return self.annotate(lowest_ask_cents=Min("variants__quote__lowest_ask_cents"))

    def with_last_sales(self) -> ProductQuerySet:
        """Adds `last_sale_cents`: of the size that costs least, as its page leads with; null where it never sold."""
        quotes = apps.get_model("catalog", "Quote").objects.filter(variant__product=OuterRef("pk"))
        cheapest = quotes.order_by(F("lowest_ask_cents").asc(nulls_last=True), "variant__position", "variant_id")
        return self.annotate(last_sale_cents=Subquery(cheapest.values("last_sale_cents")[:1]))

    def newest(self) -> ProductQuerySet:
        return self.order_by("-released_on", "sku")

    def in_order(self, skus: Sequence[str]) -> list[Product]:
        """The products of these SKUs, in this order, in one query; unknown SKUs are left out."""
        found = {product.sku: product for product in self.filter(sku__in=skus).select_related("brand", "category")}
        return [found[sku] for sku in skus if sku in found]
