"""Tokens of the API in the admin: whose, how old, and a way to revoke them."""

from django.contrib import admin
from django.http import HttpRequest

from storefront.access.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "account", "made_at", "expires_at", "used_at")
    search_fields = ("name", "account__username")
    list_select_related = ("account",)
    fields = readonly_fields = ("account", "name", "made_at", "expires_at", "used_at")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False
