"""ReadOnlyMixin for rows that only services write, and amounts as people read them."""

from typing import Any

from django.http import HttpRequest

# Rows of another model below the page's own, as a table that can be scrolled by keyboard.
ROWS_TEMPLATE = "admin/catalog/rows.html"


class ReadOnlyMixin:
    """Nothing here is added, changed or deleted by hand."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The model's own fields; an amount as the list of its rows tells it, not in minor units."""
        names = super().get_fields(request, obj)  # type: ignore[misc]
        return [self._as_told(name) for name in names]

    def _as_told(self, name: str) -> str:
        told = name.removesuffix("_cents")
        return told if hasattr(self, told) else name

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def tell_amount(cents: int | None) -> str:
    """An amount in the shop's one currency: `1,234.50`."""
    if cents is None:
        return ""
    whole, rest = divmod(cents, 100)
    return f"{whole:,}.{rest:02}"
