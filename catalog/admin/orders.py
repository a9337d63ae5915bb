"""Orders, their steps and payments; to be read only, but for the refund, which a permission and a reason allow."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from catalog import conf
from catalog.admin.acting import Act, ReasonForm, answer
from catalog.admin.payments import PaymentInline
from catalog.admin.reading import ROWS_TEMPLATE, ReadOnlyMixin, tell_amount
from catalog.models import Order, OrderStep, Payment
from catalog.orders import services
from catalog.orders.states import LEGAL, OrderStatus
from catalog.payments.paying import TRIES_BEFORE_ERROR, pay_each
from catalog.payments.plan import Kind, Standing

REFUND = "catalog.refund_order"
EXAMPLES = (1_000, 5_000, 10_000, 25_000, 100_000)


class NeedsLookFilter(admin.SimpleListFilter):
    """Orders whose money did not go where it should, and that no tick mends."""

    title = "needs a look"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("declined", "refund declined"), ("unanswered", "payment unanswered for long")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:  # noqa: ARG002
        payments = Payment.objects.filter(order=OuterRef("pk"))
        refunds = payments.filter(kind=Kind.REFUND.value)
        if self.value() == "declined":
            declined = refunds.filter(status=Standing.DECLINED.value)
            return queryset.filter(Exists(declined), ~Exists(refunds.exclude(status=Standing.DECLINED.value)))
        if self.value() == "unanswered":
            long = payments.filter(status=Standing.ASKED.value, n_tries__gte=TRIES_BEFORE_ERROR)
            return queryset.filter(Exists(long))
        return queryset


class StepInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = OrderStep
    template = ROWS_TEMPLATE
    extra = 0
    verbose_name_plural = "Steps"
    fields = ("at", "from_status", "to_status", "by", "account", "reason")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderStep]:
        return super().get_queryset(request).select_related("account")


@admin.register(Order)
class OrderAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    change_list_template = "admin/catalog/order/list.html"
    change_form_template = "admin/catalog/order/detail.html"
    list_display = ("id", "status", "piece", "price", "total", "payout", "buyer", "sold_by", "placed_at")
    list_filter = ("status", NeedsLookFilter)
    list_select_related = ("trade__variant__product", "buyer", "seller")
    search_fields = ("buyer__username", "seller__username", "trade__variant__product__sku")
    date_hierarchy = "placed_at"
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("status", "piece", "trade", "placed_at", "updated_at")}),
        ("From the buyer", {"fields": ("buyer", "price", "processing", "shipping", "total")}),
        ("To the seller", {"fields": ("sold_by", "fee", "payout")}),
    )
    readonly_fields = ("piece", "sold_by", "price", "processing", "shipping", "total", "fee", "payout")
    inlines = (StepInline, PaymentInline)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("fees/", wrap(self.show_fees), name="catalog_order_fees"),
            path("<int:order_id>/refund/", wrap(self.refund), name="catalog_order_refund"),
            *super().get_urls(),
        ]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Words in names, or the number of the order itself."""
        if search_term.isdecimal():
            return queryset.filter(pk=int(search_term[:18])), False
        return super().get_search_results(request, queryset, search_term)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        context = {
            "may_refund": request.user.has_perm(REFUND) and order is not None and _is_refundable(order),
            "may_suspend": request.user.has_perm("catalog.add_suspension"),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def refund(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Cancel an order and give the buyer's money back, for a reason."""
        if not request.user.has_perm(REFUND):
            raise PermissionDenied
        order = get_object_or_404(Order, pk=order_id)

        def run(given: dict[str, Any]) -> tuple[Order, str]:
            services.refund(order_id=order_id, staff=request.user, reason=given["reason"])  # type: ignore[arg-type]
            return order, f"Refunded: {given['reason']}"

        act = Act(
            title=f"Refund order {order.pk}",
            effect=_tell_effect(order),
            button="Cancel the order and refund it",
            back=reverse("admin:catalog_order_change", args=[order.pk]),
            form=ReasonForm,
            run=run,
            is_danger=True,
        )
        response = answer(request, self, act)
        if response.status_code == 302:
            # Asked right away, where the provider answers; else by the next tick.
            pay_each([order.pk], budget_s=1.0)
        return response

    def show_fees(self, request: HttpRequest) -> HttpResponse:
        """The table of fees as it stands, and what it makes of some prices."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        fees = conf.fees()
        rows = [
            [
                tell_amount(cents)
                for cents in (each.price, each.processing, each.shipping, each.total, each.fee, each.payout)
            ]
            for each in map(fees.amounts, EXAMPLES)
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Fees",
            "processing": (f"{fees.processing_share:.2%}", tell_amount(fees.processing_min_cents)),
            "seller": (f"{fees.seller_share:.2%}", tell_amount(fees.seller_min_cents)),
            "shipping": tell_amount(fees.shipping_cents),
            "rows": rows,
        }
        return TemplateResponse(request, "admin/catalog/order/fees.html", context)

    @admin.display(description="Piece")
    def piece(self, order: Order) -> str:
        return str(order.trade.variant)

    @admin.display(description="Seller", ordering="seller")
    def sold_by(self, order: Order) -> str:
        return "the house" if order.seller is None else str(order.seller)

    @admin.display(description="Price", ordering="price_cents")
    def price(self, order: Order) -> str:
        return tell_amount(order.price_cents)

    @admin.display(description="Processing")
    def processing(self, order: Order) -> str:
        return tell_amount(order.processing_cents)

    @admin.display(description="Shipping")
    def shipping(self, order: Order) -> str:
        return tell_amount(order.shipping_cents)

    @admin.display(description="Total", ordering="total_cents")
    def total(self, order: Order) -> str:
        return tell_amount(order.total_cents)

    @admin.display(description="Fee", ordering="fee_cents")
    def fee(self, order: Order) -> str:
        return tell_amount(order.fee_cents)

    @admin.display(description="Payout", ordering="payout_cents")
    def payout(self, order: Order) -> str:
        return tell_amount(order.payout_cents)


def _is_refundable(order: Order) -> bool:
    if OrderStatus.CANCELLED in LEGAL[OrderStatus(order.status)]:
        return True
    last = order.payments.filter(kind=Kind.REFUND.value).order_by("-pk").first()
    return last is not None and last.status == Standing.DECLINED


def _tell_effect(order: Order) -> str:
    if not _is_refundable(order):
        return "It is cancelled, and nothing of it is left to give back."
    if order.status == OrderStatus.CANCELLED:
        return f"Asks the payment provider again to give {tell_amount(order.total_cents)} back to {order.buyer}."
    if order.status == OrderStatus.MATCHED:
        return "Nothing is paid yet: what is held of the buyer's money is let go, and the seller's ask stands again."
    told = (
        f"{order.buyer} gets {tell_amount(order.total_cents)} back, and {order.seller or 'the house'} is paid nothing."
    )
    if order.status == OrderStatus.COMPLETED and order.seller is not None:
        told = f"{told} The payout of {tell_amount(order.payout_cents)} is taken back."
    return f"{told} The order stays cancelled for good."
