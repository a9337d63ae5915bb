"""Letters in the admin: to be read, but for those that failed, which a permission lets be sent again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from catalog.admin.reading import ReadOnlyMixin
from storefront.letters import again
from storefront.letters.models import Letter
from storefront.letters.wording import news_of

CHANGE_LETTER = "letters.change_letter"
# What the page that asks first sends back.
CONFIRMED = "confirmed"


@admin.register(Letter)
class LetterAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "account", "order", "what", "status", "n_tries", "made_at", "try_at")
    list_filter = ("status",)
    list_select_related = ("account", "step__order__trade")
    fields = ("account", "order", "what", "status", "n_tries", "made_at", "try_at", "again_at")
    search_fields = ("account__username",)
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may have a letter sent again."""
        return request.user.has_perm(CHANGE_LETTER)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Words in names; or the number of an order, or a name that is a number."""
        if search_term.isdecimal():
            number = int(search_term[:18])
            return queryset.filter(Q(step__order=number) | Q(account__username=search_term)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Letter]) -> HttpResponse | None:
        """Ask first; then let those of the chosen that failed wait anew."""
        failed = list(again.failed_among(chosen)[: again.MOST_AT_ONCE + 1])
        if not failed:
            messages.info(request, "None of these was refused or is unsure.")
            return None
        if CONFIRMED not in request.POST:
            return self._ask(request, failed)
        with transaction.atomic():
            sent = again.send_again([letter.pk for letter in failed])
            author: int = request.user.pk  # type: ignore[assignment]
            for letter in sent:
                told = f"To be sent again; it was {letter.status}."
                LogEntry.objects.log_actions(author, [letter], CHANGE, told, single_object=True)
        messages.success(request, f"To be sent again: {len(sent)}. Each leaves with the next tick.")
        return None

    def _ask(self, request: HttpRequest, failed: list[Letter]) -> HttpResponse:
        shown = failed[: again.MOST_AT_ONCE]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Send letters again",
            "letters": [(letter, self.what(letter)) for letter in shown],
            "n_unsure": sum(letter.status == Letter.Status.UNSURE for letter in shown),
            "has_more": len(failed) > len(shown),
            "confirmed": CONFIRMED,
        }
        return TemplateResponse(request, "admin/letters/letter/send_again.html", context)

    @admin.display(description="Order", ordering="step__order")
    def order(self, letter: Letter) -> str:
        address = reverse("admin:catalog_order_change", args=[letter.step.order_id])
        return format_html('<a href="{}">{}</a>', address, letter.step.order_id)

    @admin.display(description="What")
    def what(self, letter: Letter) -> str:
        return news_of(letter.step, is_buyer=letter.step.order.buyer_id == letter.account_id).title
