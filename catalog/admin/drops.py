"""Drops: announced here, opened later or earlier while they are to come, and given more pieces."""

import re
from datetime import UTC
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from catalog import conf, dropping
from catalog.admin.acting import Act, answer
from catalog.admin.reading import ReadOnlyMixin, tell_amount
from catalog.exceptions import DropRefused
from catalog.models import Ask, Drop, Product

PIECE = re.compile(r"(?P<size>.+?)\s*[:=]\s*(?P<n>\d{1,5})")


class PiecesField(forms.CharField):
    """`9: 20, 9.5: 10`: how many pieces of each size."""

    def clean(self, value: Any) -> dict[str, int]:
        """Size -> number.

        Raises:
            ValidationError: a part is not of that form, or names a size twice.
        """
        pieces: dict[str, int] = {}
        for part in re.split(r"[,\n]", super().clean(value)):
            found = PIECE.fullmatch(part.strip())
            if found is None or found["size"] in pieces:
                raise forms.ValidationError("Write each size once, with its pieces: 9: 20, 9.5: 10", code="pieces")
            pieces[found["size"]] = int(found["n"])
        return pieces


class WhenField(forms.DateTimeField):
    """A moment in UTC, as browsers ask for it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        return moment.astimezone(UTC) if moment is not None else None


class RestockForm(forms.Form):
    """How many more of each size."""

    pieces = PiecesField(label="More pieces", max_length=2_000, help_text="Size and number: 9: 20, 9.5: 10")


class RescheduleForm(forms.Form):
    """When it opens instead."""

    opens_at = WhenField(label="Opens at (UTC)")


class AnnounceForm(RescheduleForm):
    """Which product drops, when, for how much, how many of each size, and how many an account may buy."""

    field_order = ("sku", "opens_at", "price", "pieces", "limit_per_account")
    sku = forms.CharField(label="SKU", max_length=64, help_text="Of a product that was never sold here.")
    price = forms.DecimalField(max_digits=9, decimal_places=2, min_value=0)
    pieces = PiecesField(max_length=2_000, help_text="Size and number: 9: 20, 9.5: 10")
    limit_per_account = forms.IntegerField(min_value=1, max_value=dropping.MAX_LIMIT, initial=1)

    def clean_sku(self) -> Product:
        """The product of that SKU."""
        product = Product.objects.filter(sku=self.cleaned_data["sku"].strip()).first()
        if product is None:
            raise forms.ValidationError("There is no product of that SKU.", code="unknown")
        return product


@admin.register(Drop)
class DropAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    change_form_template = "admin/catalog/drop/detail.html"
    list_display = ("product", "opens_at", "price", "limit_per_account", "pieces", "left")
    list_select_related = ("product",)
    search_fields = ("product__name", "product__sku")
    date_hierarchy = "opens_at"
    ordering = ("-opens_at",)
    fields = ("product", "opens_at", "price", "limit_per_account", "pieces", "left")
    readonly_fields = ("price", "pieces", "left")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("catalog.add_drop")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Drop]:
        n_left = Count("asks", filter=Q(asks__status=Ask.Status.OPEN))
        drops: QuerySet[Drop] = super().get_queryset(request)
        return drops.prefetch_related("sizes__variant").annotate(n_left=n_left)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:drop_id>/restock/", wrap(self.restock), name="catalog_drop_restock"),
            path("<int:drop_id>/reschedule/", wrap(self.reschedule), name="catalog_drop_reschedule"),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Announce a drop."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def run(given: dict[str, Any]) -> tuple[Drop, str]:
            drop = dropping.announce(
                product_id=given["sku"].pk,
                opens_at=given["opens_at"],
                price_cents=int(given["price"] * 100),
                pieces=_variants(given["sku"], given["pieces"]),
                limit_per_account=given["limit_per_account"],
            )
            return drop, f"Announced: {drop} opens on {drop.opens_at:%d %B %Y at %H:%M:%S} UTC."

        act = Act(
            title="Announce a drop",
            effect="The product gets a page with a countdown now; its pieces are sold from the opening on.",
            button="Announce it",
            back=reverse("admin:catalog_drop_changelist"),
            form=AnnounceForm,
            initial={"sku": request.GET.get("sku", "")[:64], "limit_per_account": 1},
            run=run,
            is_addition=True,
        )
        return answer(request, self, act)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        drop = self.get_object(request, object_id)
        may_change = request.user.has_perm("catalog.change_drop")
        is_to_come = drop is not None and drop.opens_at > conf.now()
        context = {"may_restock": may_change, "may_reschedule": may_change and is_to_come, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def restock(self, request: HttpRequest, drop_id: int) -> HttpResponse:
        """Give a drop more pieces."""
        drop = self._find(request, drop_id)

        def run(given: dict[str, Any]) -> tuple[Drop, str]:
            pieces = given["pieces"]
            dropping.restock(drop_id=drop_id, pieces=_variants(drop.product, pieces))
            return drop, f"More pieces: {', '.join(f'{n} of {size}' for size, n in pieces.items())}."

        effect = "Bids at the drop's price or more get theirs at once; the rest is for sale once it is open."
        return answer(request, self, self._act(drop, "More pieces for", effect, "Add them", RestockForm, run))

    def reschedule(self, request: HttpRequest, drop_id: int) -> HttpResponse:
        """Open a drop at another time."""
        drop = self._find(request, drop_id)

        def run(given: dict[str, Any]) -> tuple[Drop, str]:
            moved = dropping.reschedule(drop_id=drop_id, opens_at=given["opens_at"])
            return moved, f"Opens on {moved.opens_at:%d %B %Y at %H:%M:%S} UTC instead."

        effect = f"It would open on {drop.opens_at:%d %B %Y at %H:%M:%S} UTC."
        act = self._act(drop, "Another time for", effect, "Move it", RescheduleForm, run)
        return answer(request, self, act)

    def _find(self, request: HttpRequest, drop_id: int) -> Drop:
        if not request.user.has_perm("catalog.change_drop"):
            raise PermissionDenied
        return get_object_or_404(Drop.objects.select_related("product"), pk=drop_id)

    def _act(self, drop: Drop, title: str, effect: str, button: str, form: type[forms.Form], run: Any) -> Act:
        back = reverse("admin:catalog_drop_change", args=[drop.pk])
        return Act(f"{title} {drop.product}", effect, button, back, form, run, {"opens_at": drop.opens_at})

    @admin.display(description="Price", ordering="price_cents")
    def price(self, drop: Drop) -> str:
        return tell_amount(drop.price_cents)

    @admin.display(description="Pieces")
    def pieces(self, drop: Drop) -> str:
        return ", ".join(f"{size.variant.size}: {size.n_pieces}" for size in drop.sizes.all())

    @admin.display(description="Left")
    def left(self, drop: Drop) -> str:
        return f"{drop.n_left:,}"  # type: ignore[attr-defined]


def _variants(product: Product, pieces: dict[str, int]) -> dict[int, int]:
    """Pieces by variant's id.

    Raises:
        DropRefused: the product lacks a size.
    """
    known = dict(product.variants.values_list("size", "pk"))
    for size in pieces:
        if size not in known:
            raise DropRefused(f"pieces: there is no size {size}; the product has {', '.join(known)}.")
    return {known[size]: n for size, n in pieces.items()}
