"""Accounts in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from storefront.accounts.models import User


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "is_staff", "is_active", "shopper_key")
    search_fields = ("username", "email", "shopper_key")
    readonly_fields = ("shopper_key",)
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Shopper", {"fields": ("shopper_key",)}))
