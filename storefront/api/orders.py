"""The account's orders: buy and sell now, what was bought and sold, and what a buyer or seller may do to an order."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.limits import MAX_REASON
from catalog.models import Order
from catalog.orders import services
from catalog.orders.states import OrderStatus
from storefront import checkout, settling
from storefront.accounts.models import User
from storefront.api.authentication import account_of
from storefront.api.commands import CREATED, PlacedSerializer, TakeFields, tell_placed
from storefront.api.errors import ONE_FAULTS, READ_FAULTS, WRITE_FAULTS
from storefront.api.fields import Text
from storefront.api.paging import NEWEST, PageFields, page_of, read_page
from storefront.api.requests import KEY_PARAMETER, KnownFields, read_body, read_key, read_query, shopper_of
from storefront.api.views import MarketView
from storefront.order_life import reason_for

STATUSES = [status.value for status in OrderStatus]


class OrdersAsked(PageFields):
    """Which orders."""

    status = serializers.ChoiceField(choices=STATUSES, required=False, help_text="Absent for all.")


class ShipFields(KnownFields):
    """What the buyer is told."""

    tracking = Text(
        required=False,
        allow_blank=True,
        default="",
        max_length=services.MAX_TRACKING,
        help_text="The carrier's number.",
    )


class GiveUpFields(KnownFields):
    """What the buyer is told."""

    reason = Text(max_length=MAX_REASON, help_text="Why it cannot be sent.")


class StepSerializer(serializers.Serializer[Any]):
    """One change of an order's status."""

    status = serializers.ChoiceField(choices=STATUSES)
    at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class OrderSerializer(serializers.Serializer[Any]):
    """One order; what the other side pays or gets is not told."""

    order_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=STATUSES)
    sku = serializers.CharField()
    variant_id = serializers.IntegerField()
    size = serializers.CharField()
    placed_at = serializers.DateTimeField()
    price_cents = serializers.IntegerField()


class PurchaseSerializer(OrderSerializer):
    """An order, as its buyer sees it."""

    processing_cents = serializers.IntegerField()
    shipping_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField(help_text="What the buyer pays.")


class SoldSerializer(OrderSerializer):
    """An order, as its seller sees it."""

    fee_cents = serializers.IntegerField()
    payout_cents = serializers.IntegerField(help_text="What the seller gets.")


class PurchaseDetailSerializer(PurchaseSerializer):
    """With its life so far."""

    steps = StepSerializer(many=True)


class SoldDetailSerializer(SoldSerializer):
    """With its life so far."""

    steps = StepSerializer(many=True)


class OrdersView(MarketView):
    """What the account bought."""

    @extend_schema(
        operation_id="orders",
        summary="What I bought",
        parameters=[OrdersAsked],
        responses={200: page_of(PurchaseSerializer, "OrderPage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List the account's purchases, the newest first."""
        return _list(request, _bought(account_of(request)), PURCHASE)

    @extend_schema(
        operation_id="buy_now",
        summary="Buy now",
        parameters=[KEY_PARAMETER],
        request=TakeFields,
        responses={201: PlacedSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request) -> Response:
        """Buy one piece at the lowest ask, or from the house; dearer than the price that was seen is refused."""
        key, asked = read_key(request), read_body(request, TakeFields)
        placed = checkout.buy_now(**asked, buyer=account_of(request), shopper=shopper_of(request), idempotency_key=key)
        return tell_placed(placed, CREATED, is_buyer=True)


class SalesView(MarketView):
    """What the account sold."""

    @extend_schema(
        operation_id="sales",
        summary="What I sold",
        parameters=[OrdersAsked],
        responses={200: page_of(SoldSerializer, "SalePage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List the account's sales, the newest first."""
        return _list(request, _sold(account_of(request)), SALE)

    @extend_schema(
        operation_id="sell_now",
        summary="Sell now",
        parameters=[KEY_PARAMETER],
        request=TakeFields,
        responses={201: PlacedSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request) -> Response:
        """Sell one piece to the highest bid; a lower one than the price that was seen is refused."""
        key, asked = read_key(request), read_body(request, TakeFields)
        placed = checkout.sell_now(
            **asked, seller=account_of(request), shopper=shopper_of(request), idempotency_key=key
        )
        return tell_placed(placed, CREATED, is_buyer=False)


class OrderView(MarketView):
    """One purchase."""

    @extend_schema(
        operation_id="order", summary="One purchase", responses={200: PurchaseDetailSerializer, **ONE_FAULTS}
    )
    def get(self, request: Request, order_id: int) -> Response:
        """Show a purchase and its life."""
        read_query(request, KnownFields)
        return _detail(get_object_or_404(_bought(account_of(request)), pk=order_id), PURCHASE)


class SaleView(MarketView):
    """One sale."""

    @extend_schema(operation_id="sale", summary="One sale", responses={200: SoldDetailSerializer, **ONE_FAULTS})
    def get(self, request: Request, order_id: int) -> Response:
        """Show a sale and its life."""
        read_query(request, KnownFields)
        return _detail(get_object_or_404(_sold(account_of(request)), pk=order_id), SALE)


class ReceiveView(MarketView):
    """The buyer has it."""

    @extend_schema(
        operation_id="receive_order",
        summary="It has come",
        request=None,
        responses={200: PurchaseDetailSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request, order_id: int) -> Response:
        """Complete a shipped purchase; a completed one stays as it is."""
        mine = get_object_or_404(_bought(account_of(request)), pk=order_id)
        services.receive(order_id=mine.pk, buyer=account_of(request))
        return _detail(_bought(account_of(request)).get(pk=mine.pk), PURCHASE)


class ShipView(MarketView):
    """The seller has sent it."""

    @extend_schema(
        operation_id="ship_sale",
        summary="It is on its way",
        request=ShipFields,
        responses={200: SoldDetailSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request, order_id: int) -> Response:
        """Ship a paid sale; a shipped one stays as it is."""
        mine = get_object_or_404(_sold(account_of(request)), pk=order_id)
        asked = read_body(request, ShipFields)
        services.ship(order_id=mine.pk, seller=account_of(request), tracking=asked["tracking"])
        return _detail(_sold(account_of(request)).get(pk=mine.pk), SALE)


class GiveUpView(MarketView):
    """The seller cannot send it."""

    @extend_schema(
        operation_id="give_up_sale",
        summary="It cannot be sent",
        request=GiveUpFields,
        responses={200: SoldDetailSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request, order_id: int) -> Response:
        """Cancel a paid sale; the buyer gets all of the money back."""
        mine = get_object_or_404(_sold(account_of(request)), pk=order_id)
        asked = read_body(request, GiveUpFields)
        services.give_up(order_id=mine.pk, seller=account_of(request), reason=asked["reason"])
        settling.settle(mine.pk)
        return _detail(_sold(account_of(request)).get(pk=mine.pk), SALE)


COMMON = ("status", "placed_at", "price_cents")
PURCHASE = (*COMMON, "processing_cents", "shipping_cents", "total_cents")
SALE = (*COMMON, "fee_cents", "payout_cents")


def _bought(account: User) -> QuerySet[Order]:
    """The account's own; another's does not exist for it."""
    return Order.objects.filter(buyer=account).select_related("trade__variant__product")


def _sold(account: User) -> QuerySet[Order]:
    return Order.objects.filter(seller=account).select_related("trade__variant__product")


def _list(request: Request, mine: QuerySet[Order], fields: tuple[str, ...]) -> Response:
    asked = read_query(request, OrdersAsked)
    if "status" in asked:
        mine = mine.filter(status=asked["status"])
    page = read_page(request, mine, NEWEST, asked)
    return Response({"next": page.next_url, "results": [_tell(order, fields) for order in page.rows]})


def _detail(order: Order, fields: tuple[str, ...]) -> Response:
    is_buyer = fields == PURCHASE
    steps = [
        {"status": step.to_status, "at": step.at, "reason": reason_for(step, is_buyer=is_buyer)}
        for step in order.steps.all()
    ]
    return Response({**_tell(order, fields), "steps": steps})


def _tell(order: Order, fields: tuple[str, ...]) -> dict[str, Any]:
    variant = order.trade.variant
    told = {"order_id": order.pk, "sku": variant.product.sku, "variant_id": variant.pk, "size": variant.size}
    return told | {name: getattr(order, name) for name in fields}
