"""What the payment provider was asked, and what it said; to be read only."""

from django.contrib import admin

from catalog.admin.reading import ROWS_TEMPLATE, ReadOnlyMixin, tell_amount
from catalog.models import Payment


class PaymentInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = Payment
    template = ROWS_TEMPLATE
    extra = 0
    verbose_name_plural = "Payments"
    fields = ("kind", "status", "amount", "attempts", "asked_at", "answered_at", "reference", "words")
    readonly_fields = fields

    @admin.display(description="Attempts")
    def attempts(self, payment: Payment) -> int:
        return payment.n_tries

    @admin.display(description="Amount")
    def amount(self, payment: Payment) -> str:
        return tell_amount(payment.amount_cents)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "order", "kind", "status", "amount", "attempts", "asked_at", "answered_at", "words")
    list_filter = ("status", "kind")
    list_select_related = ("order",)
    search_fields = ("reference", "order__buyer__username")
    show_full_result_count = False

    @admin.display(description="Attempts", ordering="n_tries")
    def attempts(self, payment: Payment) -> int:
        return payment.n_tries

    @admin.display(description="Amount", ordering="amount_cents")
    def amount(self, payment: Payment) -> str:
        return tell_amount(payment.amount_cents)
