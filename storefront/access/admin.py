"""Tokens of the API in the admin: whose, how old, and a way to revoke them; and no lists that stay empty here."""

# Whose admin has to be there before anything is taken out of it.
import axes.admin  # noqa: F401
from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.http import HttpRequest

from storefront.access.models import ApiToken

# Settings keep sign-ins out of logs of their own; what was refused stands in the attempts.
admin.site.unregister([AccessFailureLog, AccessLog])


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "account", "made_at", "expires_at", "used_at")
    search_fields = ("name", "account__username")
    list_select_related = ("account",)
    fields = readonly_fields = ("account", "name", "made_at", "expires_at", "used_at")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False
