import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.search import MAX_RESULTS, popular_categories, search_products
from tests.factories.catalog import make_brand, make_category, make_product, make_product_for_sale

pytestmark = pytest.mark.django_db


def names(words: str) -> list[str]:
    return [product.name for product in search_products(words).products]


def test_search_finds_words_of_name_and_keywords_name_first() -> None:
    make_product(name="Estuary Runner", keywords="quartz grey")
    make_product(name="Quartz Watch", keywords="steel")

    found = names("quartz")

    assert found == ["Quartz Watch", "Estuary Runner"]


def test_search_takes_the_last_word_as_a_prefix() -> None:
    make_product(name="Estuary Runner")
    make_product(name="Estuary Cap")

    found = names("estuary runn")

    assert found == ["Estuary Runner"]


def test_search_leaves_out_what_a_minus_excludes() -> None:
    make_product(name="Estuary Runner")
    make_product(name="Estuary Cap")

    found = names("estuary -cap")

    assert found == ["Estuary Runner"]


@pytest.mark.parametrize(
    "words", ["", "   ", "\x00", '"', "'", "!!!", "a:*", "&|!()", "\\", "-", '"open quote', "x" * 5_000, "日本語", "🙂"]
)
def test_search_survives_whatever_is_typed(words: str) -> None:
    make_product(name="Estuary Runner")

    result = search_products(words)

    assert result.products == []


def test_search_leaves_out_delisted_products() -> None:
    make_product(name="Estuary Runner", is_listed=False)

    found = names("estuary")

    assert found == []


def test_search_is_bounded_and_says_so() -> None:
    for _ in range(5):
        make_product(name="Estuary Runner")

    result = search_products("estuary", limit=3)

    assert (len(result.products), result.is_cut) == (3, True)
    assert MAX_RESULTS <= 100


def test_search_brings_prices_in_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_product_for_sale(name="Estuary Runner", price_cents=12_000, brand=make_brand("Fernhill"))

    with django_assert_num_queries(2):
        products = search_products("estuary").products
        prices = [(product.brand.name, getattr(product, "lowest_ask_cents", None)) for product in products]

    assert prices == [("Fernhill", 12_000)]


def test_popular_categories_come_with_the_fullest_first() -> None:
    caps, runners, _empty = make_category("caps"), make_category("runners"), make_category("watches")
    for category in (runners, caps, runners):
        make_product(category=category)

    suggested = [category.slug for category in popular_categories()]

    assert suggested == ["runners", "caps"]
