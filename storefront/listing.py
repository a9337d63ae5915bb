"""A list of products on a page: its facets, its order and its pages, all in its address, so that it can be sent on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import F, QuerySet
from django.http import HttpRequest

from catalog.facets import BANDS, FacetName, FacetValue, band_limits, count_facets, narrow
from catalog.models import Product
from catalog.models.querysets import ProductQuerySet
from catalog.money import Money
from recommendations.serving.ranking import MOST_RANKED
from storefront.paging import Counted, Headed
from storefront.sorting import Sorting
from storefront.world import current_world

TITLES: dict[FacetName, str] = {
    "category": "Category",
    "brand": "Brand",
    "colour": "Colour",
    "size": "Size",
    "price": "Price",
}
MOST_WANTED = 20
LONGEST_VALUE = 80
SHOWN_AT_ONCE = 8
NEWEST, CHEAPEST, DEAREST = "newest", "price-up", "price-down"
PRICE_TITLES = {CHEAPEST: "Lowest price", DEAREST: "Highest price"}
ORDERINGS: dict[str, tuple[Any, ...]] = {
    NEWEST: ("-released_on", "sku"),
    CHEAPEST: (F("price_cents").asc(nulls_last=True), "sku"),
    DEAREST: (F("price_cents").desc(nulls_last=True), "sku"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: a link that adds it to what is wanted, or takes it away."""

    name: str
    label: str
    value: str
    n_products: int
    href: str
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet as the page shows it: some values at once, the others behind a fold."""

    name: FacetName
    title: str
    choices: list[Choice]

    @property
    def first(self) -> list[Choice]:
        return self.choices[:SHOWN_AT_ONCE]

    @property
    def rest(self) -> list[Choice]:
        return self.choices[SHOWN_AT_ONCE:]

    @property
    def is_rest_wanted(self) -> bool:
        """Whether something behind the fold is wanted, so that it stands open."""
        return any(choice.is_wanted for choice in self.rest)


class Listing:
    """One list for one view of its page."""

    def __init__(
        self,
        request: HttpRequest,
        products: ProductQuerySet,
        *,
        facets: Sequence[FacetName],
        titles: Mapping[str, str],
        list_key: str,
        per_page: int,
        words: str = "",
    ) -> None:
        """Read what the address wants of the list.

        Args:
            request: of the page.
            products: the whole list in its own order.
            facets: by which it can be narrowed, in the order of the page.
            titles: the orders there are, as for `Sorting`; one that is not in `ORDERINGS` is the list's own.
            list_key: names the list among all lists.
            per_page: the most products on one page.
            words: what was searched for, for the list's addresses.
        """
        self._products = products
        self._facets = facets
        self._per_page = per_page
        self._asked_page = request.GET.get("page")
        self.wanted = {name: _wanted(request, name) for name in facets}
        self._query: dict[str, list[str]] = {"q": [words]} if words else {}
        narrowed: dict[str, list[str]] = {name: values for name, values in self.wanted.items() if values}
        query = self._query | narrowed
        self.sorting = Sorting(request, titles=titles, list_key=_key(list_key, narrowed), query=query)

    @property
    def is_narrowed(self) -> bool:
        return any(self.wanted.values())

    @cached_property
    def _counts(self) -> Any:
        return count_facets(self._products, self.wanted, self._facets)

    @property
    def n_products(self) -> int:
        """How many products fit all that is wanted."""
        return int(self._counts.n_products)

    @cached_property
    def page(self) -> Page[str]:
        """The SKUs of the page that is asked for; one query, none where nothing fits."""
        skus: Sequence[str] | QuerySet[Any, str] = ()
        if self.n_products:
            found = narrow(self._products, self.wanted)
            if self.sorting.own in ORDERINGS and not self.sorting.is_asked:
                found = found.order_by(*ORDERINGS[self.sorting.own])
            skus = found.values_list("sku", flat=True)
            if self.sorting.is_asked:
                skus = Headed(self.sorting.order(list(skus[:MOST_RANKED])), skus)
        return Counted(skus, self._per_page, n_items=self.n_products).get_page(self._asked_page)

    @cached_property
    def products(self) -> list[Product]:
        """The products of the page in their order, each with its lowest ask and last sale; one query more."""
        skus = list(self.page.object_list)
        return Product.objects.with_quotes().with_last_sales().in_order(skus) if skus else []

    @cached_property
    def facets(self) -> list[Facet]:
        """What the list can be narrowed by; a facet that would change nothing is left out."""
        shown = [Facet(name, TITLES[name], self._choices(name)) for name in self._facets]
        return [facet for facet in shown if len(facet.choices) > 1 or self.wanted[facet.name]]

    @property
    def chosen(self) -> list[Choice]:
        """What is wanted, each with the address of the list without it."""
        return [choice for facet in self.facets for choice in facet.choices if choice.is_wanted]

    @property
    def whole(self) -> str:
        """The address of the list with nothing wanted of it, in the same order."""
        return f"?{urlencode({**self._query, **self.sorting.named}, doseq=True)}"

    def _choices(self, name: FacetName) -> list[Choice]:
        counted = list(self._counts.values[name])
        known = {value.value for value in counted}
        # What is wanted and fits nothing stays on the page, so that it can be taken away.
        missing = [FacetValue(value, value.replace("-", " "), 0) for value in self.wanted[name] if value not in known]
        return [self._choice(name, value) for value in [*counted, *missing]]

    def _choice(self, name: FacetName, value: FacetValue) -> Choice:
        wanted = self.wanted[name]
        is_wanted = value.value in wanted
        toggled = [one for one in wanted if one != value.value] if is_wanted else [*wanted, value.value]
        others: dict[str, list[str]] = {other: values for other, values in self.wanted.items() if other != name}
        query = self._query | others | {name: toggled} | self.sorting.named
        href = f"?{urlencode(query, doseq=True)}"
        return Choice(name, _label(name, value.label), value.value, value.n_products, href, is_wanted)


def _wanted(request: HttpRequest, name: FacetName) -> list[str]:
    """What the address wants of one facet: distinct, bounded, nothing that no database takes."""
    values = [value for value in request.GET.getlist(name) if 0 < len(value) <= LONGEST_VALUE and value.isprintable()]
    if name == "price":
        values = [value for value in values if value in BANDS]
    return list(dict.fromkeys(values))[:MOST_WANTED]


def _key(list_key: str, narrowed: Mapping[str, Sequence[str]]) -> str:
    return f"{list_key}?{urlencode(narrowed, doseq=True)}" if narrowed else list_key


def _label(name: FacetName, label: str) -> str:
    if name == "price":
        low, high = band_limits(label)
        currency = current_world().currency
        if high is None:
            return f"{Money(low, currency)} and more"
        return f"{Money(low, currency)} to {Money(high, currency)}" if low else f"Under {Money(high, currency)}"
    return label.capitalize() if name == "colour" else label
