"""What bids, asks and orders share: the fields of a command, and what it left."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from catalog.limits import EXPIRY_DAYS, MAX_ID, MAX_PRICE_CENTS
from catalog.services import Placed
from storefront import settling
from storefront.api.fields import Whole, WholeChoice
from storefront.api.requests import KnownFields

CREATED = 201
SIZE = "Which size, by the `variant_id` of a product's quotes."


class StandingFields(KnownFields):
    """A price to stand with, and for how long."""

    price_cents = Whole(min_value=1, max_value=MAX_PRICE_CENTS, help_text="The limit price.")
    expires_in_days = WholeChoice(choices=list(EXPIRY_DAYS), help_text="After so many days it ends.")


class PlaceFields(StandingFields):
    """The same, for a size."""

    variant_id = Whole(min_value=1, max_value=MAX_ID, help_text=SIZE)


class TakeFields(KnownFields):
    """What one pays or gets at once, at the price that was seen or a better one."""

    variant_id = Whole(min_value=1, max_value=MAX_ID, help_text=SIZE)
    seen_price_cents = Whole(
        min_value=1, max_value=MAX_PRICE_CENTS, help_text="The price that was seen; a worse one is refused."
    )


class PlacedSerializer(serializers.Serializer[Any]):
    """What a command left: a bid or an ask that stands, or a trade and its order."""

    bid_id = serializers.IntegerField(allow_null=True)
    ask_id = serializers.IntegerField(allow_null=True)
    order_id = serializers.IntegerField(allow_null=True, help_text="Null where it stands and nobody has met it yet.")
    price_cents = serializers.IntegerField(help_text="The trade's price, or the limit of what stands.")
    expires_at = serializers.DateTimeField(allow_null=True)


def tell_placed(placed: Placed, status: int = 200, *, is_buyer: bool) -> Response:
    """Answer a command that was carried out; where it made an order, its money is asked for at once.

    Args:
        placed: what it left.
        status: 201 for something new.
        is_buyer: whose command it was: the other side's bid or ask is not theirs to know.
    """
    settling.settle(placed.order_id)
    return Response(
        {
            "bid_id": placed.bid_id if is_buyer else None,
            "ask_id": None if is_buyer else placed.ask_id,
            "order_id": placed.order_id,
            "price_cents": placed.price_cents,
            "expires_at": placed.expires_at,
        },
        status,
    )
