"""What the payment provider was asked, and what it said; to be read, but for what waits for an answer too long."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from catalog.admin.acting import Act, answer
from catalog.admin.reading import ROWS_TEMPLATE, ReadOnlyMixin, tell_amount
from catalog.models import Payment
from catalog.payments import asking_again
from catalog.payments.paying import TRIES_BEFORE_ERROR
from catalog.payments.plan import Standing

SETTLE = "catalog.settle_payment"


class PaymentInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = Payment
    template = ROWS_TEMPLATE
    extra = 0
    verbose_name_plural = "Payments"
    fields = ("kind", "status", "amount", "n_tries", "asked_at", "answered_at", "reference", "words")
    readonly_fields = fields

    @admin.display(description="Amount")
    def amount(self, payment: Payment) -> str:
        return tell_amount(payment.amount_cents)


class WaitsFilter(admin.SimpleListFilter):
    """Requests without an answer: all, or those that were made again and again."""

    title = "answer"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("any", "awaited"), ("long", f"awaited after {TRIES_BEFORE_ERROR} attempts")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:  # noqa: ARG002
        least = {"any": 0, "long": TRIES_BEFORE_ERROR}.get(self.value() or "")
        if least is None:
            return queryset
        return queryset.filter(status=Standing.ASKED.value, n_tries__gte=least)


class SaidForm(forms.Form):
    """How it is known that the provider did nothing; kept with the request."""

    reason = forms.CharField(
        label="How is that known?",
        max_length=asking_again.MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say who told you, and when. It is kept for good."},
    )


@admin.register(Payment)
class PaymentAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    change_form_template = "admin/catalog/payment/detail.html"
    list_display = ("id", "order", "kind", "status", "amount", "n_tries", "asked_at", "ask_at", "answered_at", "words")
    list_filter = (WaitsFilter, "status", "kind")
    list_select_related = ("order",)
    search_fields = ("reference", "order__buyer__username")
    show_full_result_count = False
    actions = ("ask_again",)

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(self.close)
        return [path("<int:payment_id>/close/", close, name="catalog_payment_close"), *super().get_urls()]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may do anything about a payment without an answer."""
        return request.user.has_perm(SETTLE)

    @admin.action(description="Ask the provider again now", permissions=["settle"])
    def ask_again(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        """Have the provider asked now for those of the chosen that have no answer."""
        waiting = list(chosen.filter(status=Standing.ASKED.value).order_by("asked_at")[: asking_again.MOST_AT_ONCE])
        if not waiting:
            messages.info(request, "All of these have their answer.")
            return
        stand = asking_again.ask_again([payment.pk for payment in waiting])
        author: int = request.user.pk  # type: ignore[assignment]
        LogEntry.objects.log_actions(author, waiting, CHANGE, "Asked again.")
        told = f"Asked again for {len(waiting)}: {stand['done']} done, {stand['declined']} declined, "
        messages.success(request, f"{told}{stand['asked']} still without an answer.")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        payment = self.get_object(request, object_id)
        waits = payment is not None and payment.status == Standing.ASKED
        context = {"may_close": waits and self.has_settle_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def close(self, request: HttpRequest, payment_id: int) -> HttpResponse:
        """End the wait for an answer, because the provider says that it did nothing."""
        if not self.has_settle_permission(request):
            raise PermissionDenied
        payment = get_object_or_404(Payment, pk=payment_id)

        def run(given: dict[str, Any]) -> tuple[Payment, str]:
            asking_again.close(payment_id, reason=given["reason"])
            return payment, f"Counted as declined: {given['reason']}"

        act = Act(
            title=f"End the wait for payment {payment.pk}",
            effect=f"The request to {payment.kind} {tell_amount(payment.amount_cents)} counts as declined, for good: "
            "do this only where the provider itself says that it did nothing. An order that is not paid is cancelled; "
            "a refund may be asked for again.",
            button="Count it as declined",
            back=reverse("admin:catalog_order_change", args=[payment.order_id]),
            form=SaidForm,
            run=run,
            is_danger=True,
        )
        return answer(request, self, act)

    @admin.display(description="Amount", ordering="amount_cents")
    def amount(self, payment: Payment) -> str:
        return tell_amount(payment.amount_cents)
