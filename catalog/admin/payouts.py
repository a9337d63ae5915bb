"""What sellers have earned, entry by entry; to be read only."""

from django.contrib import admin

from catalog.admin.reading import ReadOnlyMixin, tell_amount
from catalog.models import Payout


@admin.register(Payout)
class PayoutAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "order", "seller", "kind", "amount", "at")
    list_filter = ("kind",)
    list_select_related = ("order", "seller")
    search_fields = ("seller__username",)
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description="Amount", ordering="amount_cents")
    def amount(self, payout: Payout) -> str:
        sign = "−" if payout.amount_cents < 0 else ""
        return f"{sign}{tell_amount(abs(payout.amount_cents))}"
