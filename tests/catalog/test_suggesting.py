import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.suggesting import MAX_PLACES, MAX_PRODUCTS, suggest
from tests.factories.catalog import make_brand, make_category, make_product, make_product_for_sale

pytestmark = pytest.mark.django_db


def test_suggest_finds_brands_and_categories_by_the_beginning_of_any_of_their_words() -> None:
    make_product(brand=make_brand("Iron Fern"), category=make_category("fern-caps", name="Fern caps"))
    make_product(brand=make_brand("Fernhill"), category=make_category("runners", name="Runners"))
    make_product(brand=make_brand("Inferno"), category=make_category("tees", name="Tees"))

    found = suggest("fern")

    assert [brand.name for brand in found.brands] == ["Fernhill", "Iron Fern"]
    assert [category.name for category in found.categories] == ["Fern caps"]


def test_suggest_offers_each_model_once_with_the_number_of_its_other_colourways() -> None:
    for colour in ("Red", "Blue", "Green"):
        make_product_for_sale(name=f"Estuary {colour}", attributes={"model": "Estuary"})
    make_product_for_sale(name="Estuary Two Red", attributes={"model": "Estuary Two"})

    found = suggest("estu")

    models = sorted((one.product.attributes["model"], one.n_others) for one in found.products)
    assert models == [("Estuary", 2), ("Estuary Two", 0)]
    assert all(getattr(one.product, "lowest_ask_cents", None) == 12_000 for one in found.products)


def test_suggest_keeps_products_apart_that_name_no_model() -> None:
    make_product(name="White heart", attributes={})
    make_product(name="White lantern", attributes={})

    found = suggest("whit")

    assert [one.n_others for one in found.products] == [0, 0]


@pytest.mark.parametrize("words", ["", " ", "e", "\x00"])
def test_suggest_says_nothing_before_two_letters(words: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        found = suggest(words)

    assert (found.brands, found.categories, found.products) == ((), (), ())


def test_suggest_leaves_out_what_is_not_listed() -> None:
    make_product(name="Estuary Red", brand=make_brand("Estral"), category=make_category("estrades"), is_listed=False)

    found = suggest("est")

    assert (found.brands, found.categories, found.products) == ((), (), ())


def test_suggest_is_bounded_in_length_and_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(8):
        make_product(
            name=f"Estuary {number}",
            brand=make_brand(f"Est {number}"),
            category=make_category(f"est-{number}"),
            attributes={"model": str(number)},
        )

    with django_assert_num_queries(4):
        found = suggest("est")

    lengths = (len(found.brands), len(found.categories), len(found.products))
    assert lengths == (MAX_PLACES, MAX_PLACES, MAX_PRODUCTS)


@pytest.mark.parametrize("words", ["%", "__", "est%", '"estu', "est' or 1=1 --", "日本", "&|!()", "x" * 5_000])
def test_suggest_survives_whatever_is_typed(words: str) -> None:
    make_product(name="Harbour Runner")

    found = suggest(words)

    assert found.products == ()
