import pytest
from django.db import connection

from catalog.spelling import LIKENESS_BY_TRIGRAMS, correct_words
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


def test_correct_words_takes_the_last_word_for_a_beginning() -> None:
    make_product(name="Estuary Runner", keywords="red")
    make_product(name="Estuary Rudder", keywords="red")

    assert correct_words("estuary rudde re") == "estuary rudder re"


@pytest.mark.django_db(transaction=True)
def test_correct_words_leaves_the_connections_threshold_as_it_was() -> None:
    make_product(name="Estuary Runner")

    meant = correct_words("estuery")

    with connection.cursor() as cursor:
        cursor.execute("SHOW pg_trgm.word_similarity_threshold")
        (threshold,) = cursor.fetchone()
    assert meant == "estuary"
    assert float(threshold) != LIKENESS_BY_TRIGRAMS
