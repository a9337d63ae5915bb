from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.facets import BANDS, FACETS, FacetName, band_limits, count_facets, narrow
from catalog.models import Product
from catalog.search import find_products
from tests.factories.catalog import make_ask, make_brand, make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def make_shelf(rows: Sequence[tuple[str, str, str, str, Mapping[str, int | None]]]) -> None:
    """SKU, category, brand and colour of each product, and what each of its sizes costs."""
    for sku, category, brand, colour, sizes in rows:
        product = make_product(
            sku=sku,
            name=f"Estuary {sku}",
            slug=sku.lower(),
            category=make_category(category),
            brand=make_brand(brand),
            attributes={"colour": colour},
        )
        for position, (size, price_cents) in enumerate(sizes.items()):
            variant = make_variant(product, size, position=position)
            if price_cents is not None:
                make_ask(variant, price_cents)


@pytest.fixture
def shelf() -> None:
    make_shelf(
        [
            ("A", "runners", "Fernhill", "red", {"US 9": 4_900, "US 10": 9_000}),
            ("B", "runners", "Fernhill", "blue", {"US 9": None, "US 10": 5_000}),
            ("C", "runners", "Tarn", "red", {"US 9": 12_000}),
            ("D", "caps", "Tarn", "red", {"One size": None}),
        ]
    )


def skus(wanted: Mapping[FacetName, Sequence[str]]) -> list[str]:
    return sorted(narrow(Product.objects.listed(), wanted).values_list("sku", flat=True))


def counted(wanted: Mapping[FacetName, Sequence[str]], name: FacetName) -> dict[str, int]:
    values = count_facets(Product.objects.listed(), wanted).values[name]
    return {value.value: value.n_products for value in values}


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "ABCD"),
        ({"category": ["runners"]}, "ABC"),
        ({"brand": ["tarn"]}, "CD"),
        ({"brand": ["tarn", "fernhill"]}, "ABCD"),
        ({"colour": ["red"], "brand": ["fernhill"]}, "A"),
        ({"size": ["US 9"]}, "AC"),
        ({"size": ["US 9", "US 10"]}, "ABC"),
        ({"price": ["20-50"]}, "A"),
        ({"price": ["20-50", "50-100"]}, "AB"),
        ({"price": ["150-200"], "category": ["caps"]}, ""),
        ({"brand": ["nobody"]}, ""),
        ({"price": []}, "ABCD"),
    ],
)
def test_narrow_takes_any_value_of_a_facet_and_all_facets(
    wanted: Mapping[FacetName, Sequence[str]], found: str
) -> None:
    assert "".join(skus(wanted)) == found


@pytest.mark.usefixtures("shelf")
def test_counts_say_what_each_value_would_leave_beside_the_other_facets() -> None:
    wanted: dict[FacetName, Sequence[str]] = {"brand": ["fernhill"], "colour": ["red"]}

    counts = count_facets(Product.objects.listed(), wanted)

    assert counts.n_products == 1
    assert {value.value: value.n_products for value in counts.values["brand"]} == {"tarn": 2, "fernhill": 1}
    assert {value.value: value.n_products for value in counts.values["colour"]} == {"blue": 1, "red": 1}
    assert {value.value: value.n_products for value in counts.values["size"]} == {"US 9": 1, "US 10": 1}


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("name", FACETS)
def test_counts_agree_with_what_narrowing_leaves(name: FacetName) -> None:
    wanted: dict[FacetName, Sequence[str]] = {"category": ["runners"], "size": ["US 9", "US 10"]}
    others = {facet: values for facet, values in wanted.items() if facet != name}

    told = counted(wanted, name)

    assert told
    assert told == {value: len(skus({**others, name: [value]})) for value in told}


@pytest.mark.usefixtures("shelf")
def test_counts_offer_sizes_and_prices_in_their_order_and_the_fullest_brand_first() -> None:
    make_shelf([("E", "tees", "Tarn", "red", {"M": 100_000, "S": 90_000, "XL": 90_000})])

    values = count_facets(Product.objects.listed(), {}).values

    assert [value.value for value in values["size"]] == ["S", "M", "XL", "US 9", "US 10"]
    assert [value.value for value in values["price"]] == ["20-50", "50-100", "100-150", "500-1000"]
    assert [value.label for value in values["brand"]] == ["Tarn", "Fernhill"]


def test_counts_take_the_houses_price_where_nobody_asks() -> None:
    product = make_product(house_price_cents=85)
    make_variant(product, "One size")

    counts = count_facets(Product.objects.listed(), {"size": ["One size"], "price": ["0-20"]})

    assert counts.n_products == 1
    assert skus({"size": ["One size"], "price": ["0-20"]}) == [product.sku]


def test_counts_leave_out_what_no_product_names() -> None:
    make_variant(make_product(attributes={}))

    values = count_facets(Product.objects.listed(), {}).values

    assert (values["colour"], values["size"], values["price"]) == ((), (), ())


@pytest.mark.usefixtures("shelf")
def test_counts_of_a_search_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        counts = count_facets(find_products("estuary"), {"brand": ["tarn"]}, ("category", "brand"))

    assert counts.n_products == 2
    assert set(counts.values) == {"category", "brand"}


def test_counts_of_nothing_are_none() -> None:
    counts = count_facets(find_products(""), {})

    assert (counts.n_products, set(counts.values.values())) == (0, {()})


def test_bands_touch_and_the_last_one_is_open() -> None:
    limits = [band_limits(band) for band in BANDS]

    assert limits[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(limits))
    assert limits[-1][1] is None
    with pytest.raises(ValueError, match="not in"):
        band_limits("20-21")
