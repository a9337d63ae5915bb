"""Suspensions: who may not trade, since when and why; suspending and lifting want a permission and a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from catalog import housekeeping
from catalog.admin.acting import Act, ReasonForm, answer
from catalog.admin.filters import presence_filter
from catalog.admin.reading import ReadOnlyMixin
from catalog.models import Suspension


class SuspendForm(ReasonForm):
    """Whom, by the name that they sign in with, and why."""

    field_order = ("account", "reason")
    account = forms.CharField(label="Account", max_length=150, help_text="The name that it signs in with.")

    def clean_account(self) -> Any:
        """The account of that name, if it is no member of staff's."""
        found = get_user_model().objects.filter(username=self.cleaned_data["account"]).first()
        if found is None:
            raise forms.ValidationError("There is no account of that name.", code="unknown")
        if getattr(found, "is_staff", False):
            raise forms.ValidationError("Members of staff lose their rights under Users.", code="staff")
        if Suspension.objects.filter(account=found, ended_at=None).exists():
            raise forms.ValidationError("It is suspended already: its suspension keeps its reason.", code="suspended")
        return found


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    change_form_template = "admin/catalog/suspension/detail.html"
    list_display = ("account", "reason", "by", "began_at", "ended_at")
    list_filter = (("ended_at", presence_filter("standing", without="In force", having="Lifted")),)
    list_select_related = ("account", "by")
    search_fields = ("account__username", "reason")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("catalog.add_suspension")

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(self.lift)
        return [path("<int:suspension_id>/lift/", lift, name="catalog_suspension_lift"), *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Suspend an account."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def run(given: dict[str, Any]) -> tuple[Suspension, str]:
            made = housekeeping.suspend(account=given["account"], by=request.user, reason=given["reason"])  # type: ignore[arg-type]
            return made, f"Suspended {made.account}: {made.reason}"

        act = Act(
            title="Suspend an account",
            effect="It can place, edit and take no bids and asks, and all that it has standing is cancelled. "
            "Orders that were matched go on: refund them one by one where they should not.",
            button="Suspend it",
            back=reverse("admin:catalog_suspension_changelist"),
            form=SuspendForm,
            initial={"account": request.GET.get("account", "")[:150]},
            run=run,
            is_danger=True,
            is_addition=True,
        )
        return answer(request, self, act)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_lift": request.user.has_perm("catalog.change_suspension"), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def lift(self, request: HttpRequest, suspension_id: int) -> HttpResponse:
        """Let an account trade again, for a reason."""
        if not request.user.has_perm("catalog.change_suspension"):
            raise PermissionDenied
        suspension = get_object_or_404(Suspension.objects.select_related("account"), pk=suspension_id, ended_at=None)

        def run(given: dict[str, Any]) -> tuple[Suspension, str]:
            housekeeping.lift_suspension(account=suspension.account)
            return suspension, f"Lifted: {given['reason']}"

        act = Act(
            title=f"Let {suspension.account} trade again",
            effect=f"It was suspended for: {suspension.reason} Bids and asks that were cancelled stay so.",
            button="Lift the suspension",
            back=reverse("admin:catalog_suspension_change", args=[suspension.pk]),
            form=ReasonForm,
            run=run,
        )
        return answer(request, self, act)
