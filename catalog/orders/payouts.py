"""What a seller has earned: the database books it when a sale is complete, and takes it back when that is refunded."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Sum

from catalog.models import Order, Payout
from catalog.orders.states import UNDER_WAY


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a seller has earned with sales that are complete, and what those under way will bring; minor units."""

    earned_cents: int
    ahead_cents: int
    n_ahead: int


def earnings_of(seller: AbstractBaseUser) -> Earnings:
    """What a seller has earned, and what is still to come; two queries.

    Args:
        seller: whose sales.
    """
    earned = Payout.objects.filter(seller_id=seller.pk).aggregate(cents=Sum("amount_cents"))["cents"]
    ahead = Order.objects.filter(seller_id=seller.pk, status__in=[status.value for status in UNDER_WAY])
    coming = ahead.aggregate(cents=Sum("payout_cents"), n=Count("pk"))
    return Earnings(earned or 0, coming["cents"] or 0, coming["n"])
