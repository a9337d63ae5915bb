"""GET /api/recommendations/: what the homepage shows, for clients that draw it themselves; one door, one exposure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Product
from experiments.assignment import Reason
from recommendations.pipeline.runs import DEFAULT_SLOT
from recommendations.serving.acts import TELLING
from recommendations.serving.fallback import Rung
from storefront import rows, slots
from storefront.api.errors import faults
from storefront.api.fields import ToldChoice
from storefront.api.requests import KnownFields, asked_as_page, read_query
from storefront.api.throttles import ShopperThrottle
from storefront.api.views import ApiView
from storefront.page_view import PageView
from storefront.pictures import picture_url
from storefront.reasons import Because, find_reasons
from storefront.rows import Given
from storefront.second_row.plans import Plan
from storefront.shelves import CARDS_PER_ROW
from storefront.world import current_world

MAX_ITEMS = 50


class AskedSerializer(KnownFields):
    """Which list, and how long."""

    slot = ToldChoice(
        choices=list(slots.SLOTS), default=DEFAULT_SLOT, help_text="Which place of the homepage the list is for."
    )
    k = serializers.IntegerField(
        min_value=1, max_value=MAX_ITEMS, default=CARDS_PER_ROW, help_text="How many items are wanted at most."
    )


class BecauseSerializer(serializers.Serializer[Any]):
    """What the shopper did that pulled an item up."""

    sku = serializers.CharField(help_text="An item of the shopper's own history, at times the very item.")
    act = serializers.ChoiceField(choices=list(TELLING), help_text="The most telling thing they did with it.")
    words = serializers.CharField(help_text="As the page says it, e.g. `Because you viewed Harbour Low`.")


class ItemSerializer(serializers.Serializer[Any]):
    """One item, best first."""

    rank = serializers.IntegerField(min_value=1)
    sku = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    url = serializers.URLField(help_text="The product's page; opening it counts as a click on this list.")
    picture = serializers.URLField(help_text="An SVG that may be cached for ever.")
    lowest_ask_cents = serializers.IntegerField(allow_null=True, help_text="Over all sizes; null where nobody asks.")
    price_cents = serializers.IntegerField(
        allow_null=True, help_text="What one pays now: the lowest ask, else the house's price."
    )
    because = BecauseSerializer(
        allow_null=True, help_text="Why it stands there, where the recommender names a reason; null elsewhere."
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """A list and where it came from."""

    slot = serializers.ChoiceField(choices=list(slots.SLOTS))
    row = serializers.CharField(help_text="What fills the slot, e.g. `recommended` or `trending`.")
    title = serializers.CharField()
    experiment = serializers.CharField(allow_null=True, help_text="What decided on the row; null where nothing does.")
    variation = serializers.CharField(allow_null=True)
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in Reason], allow_null=True, help_text="Why this shopper gets the variation."
    )
    rung = serializers.ChoiceField(
        choices=[rung.value for rung in Rung], help_text="Where the items came from, personal ones first."
    )
    recommendation_id = serializers.UUIDField(
        allow_null=True, help_text="The list's id; null where nothing may be recorded of the shopper."
    )
    token = serializers.CharField(
        allow_blank=True, help_text="Signed; what `POST /events/` takes to count what was seen."
    )
    page_view_id = serializers.UUIDField()
    currency = serializers.CharField()
    items = ItemSerializer(many=True)


class RecommendationsView(ApiView):
    """The lists of the homepage, by slot."""

    # Who asks is read from the shopper's own cookie, as on every page.
    authentication_classes = ()
    throttle_classes = (ShopperThrottle,)

    @extend_schema(
        operation_id="recommendations",
        summary="What the homepage shows this shopper",
        parameters=[AskedSerializer],
        responses={200: AnswerSerializer, **faults(400, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        """Answer a slot's list, through the page's own code.

        The shopper is known by the cookie `shopper` alone, which the first answer sets: keep it, or every request is
        somebody new, who is in no experiment (`reason` is `no_unit`). Variation and exposure are the page's: whoever
        asks here with the cookie is counted as having seen the row.
        """
        asked = read_query(request, AskedSerializer)
        view = PageView.of(asked_as_page(request))
        plan = slots.plan_slot(view, asked["slot"], k=asked["k"])
        rows.count([plan])
        reasons = find_reasons(view, plan.served.because)
        known = {
            one.sku: one for one in _read_products([*plan.served.item_ids, *(one.item_id for one in reasons.values())])
        }
        products = [known[sku] for sku in plan.served.item_ids if sku in known]
        given = rows.give(plan, tuple(product.sku for product in products), view)
        told = {item_id: _tell(item_id, reason, known) for item_id, reason in reasons.items()}
        return Response(_answer(asked["slot"], plan, given, products, told, request, view))


def _answer(
    slot: str,
    plan: Plan,
    given: Given,
    products: list[Product],
    told: Mapping[str, dict[str, str] | None],
    request: Request,
    view: PageView,
) -> dict[str, Any]:
    assignment = plan.assignment
    return {
        "slot": slot,
        "row": plan.key,
        "title": plan.title,
        "experiment": assignment.experiment if assignment else None,
        "variation": assignment.variation if assignment else None,
        "reason": assignment.reason if assignment else None,
        "rung": plan.served.rung,
        "recommendation_id": given.recommendation_id,
        "token": given.token,
        "page_view_id": view.page_view_id,
        "currency": current_world().currency,
        "items": [
            {**_item(rank, product, given, request), "because": told.get(product.sku)}
            for rank, product in enumerate(products, 1)
        ],
    }


def _read_products(skus: Sequence[str]) -> list[Product]:
    return Product.objects.listed().with_quotes().in_order(list(dict.fromkeys(skus)))


def _tell(item_id: str, reason: Because, known: Mapping[str, Product]) -> dict[str, str] | None:
    """The reason in the page's own words; None where the page would not say it either."""
    of = known.get(reason.item_id)
    words = reason.to_words(item_id, of.name if of is not None else "")
    return {"sku": reason.item_id, "act": reason.act, "words": words} if words else None


def _item(rank: int, product: Product, given: Given, request: Request) -> dict[str, Any]:
    click = given.clicks[product.sku]
    address = reverse("product", args=[product.slug])
    lowest_ask_cents: int | None = getattr(product, "lowest_ask_cents", None)
    return {
        "rank": rank,
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand.name,
        "url": request.build_absolute_uri(f"{address}?r={click}" if click else address),
        "picture": request.build_absolute_uri(picture_url(product)),
        "lowest_ask_cents": lowest_ask_cents,
        "price_cents": product.house_price_cents if lowest_ask_cents is None else lowest_ask_cents,
    }
