import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.spelling import correct_words
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("estuery", "estuary"),
        ("Estary Runer", "estuary runner"),
        ("fernhil estuary", "fernhill estuary"),
        ("fernhll runner", "fernhill runner"),
        ("granit grey", "granite grey"),
        ("grranite", "granite"),
        ("estuary", ""),
        ("estu", ""),
        ("xylophone", ""),
        ("", ""),
        ("ab", ""),
        ("\x00!!!", ""),
        ("'; drop table --", ""),
    ],
)
def test_correct_words_takes_the_nearest_of_the_catalogue_where_something_is_found(typed: str, meant: str) -> None:
    make_product(name="Estuary Runner", keywords="Fernhill granite grey")
    make_product(name="Harbour Cap", keywords="Tarn navy")

    assert correct_words(typed) == meant


def test_correct_words_leads_to_listed_products_only() -> None:
    make_product(name="Estuary Runner", is_listed=False)

    assert correct_words("estuery") == ""


def test_correct_words_tells_no_name_of_a_drop_to_come() -> None:
    make_product(name="Estuary Runner", released_on="2999-01-01")

    assert correct_words("estuery") == ""


def test_correct_words_takes_the_last_word_for_a_beginning() -> None:
    make_product(name="Estuary Runner", keywords="red")
    make_product(name="Estuary Rudder", keywords="red")

    assert correct_words("estuary rudde re") == "estuary rudder re"


def test_correct_words_knows_names_and_keywords_and_no_prose() -> None:
    make_product(name="Estuary Runner", keywords="granite", description="Breathable throughout.")

    assert [correct_words(typed) for typed in ("granitt", "breathible")] == ["granite", ""]


def test_correct_words_reads_the_catalogues_words_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_product(name="Estuary Runner")
    correct_words("estuery")

    with django_assert_num_queries(1):
        meant = correct_words("estuery")

    assert meant == "estuary"
