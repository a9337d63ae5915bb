import pytest

from catalog.art.patterns import PATTERNS
from catalog.art.silhouettes import CATEGORIES, SILHOUETTES, Category
from catalog.generation import vocabulary
from catalog.generation.brands import BRANDS
from catalog.generation.pricing import SIZES

TABLES = ("CATEGORY_NAMES", "CODES", "WORDS", "TYPE_OF", "MATERIALS", "DETAILS", "SYNONYMS")


@pytest.mark.parametrize("table", TABLES)
def test_vocabulary_has_an_entry_for_every_category(table: str) -> None:
    assert set(getattr(vocabulary, table)) == set(CATEGORIES) == set(SIZES)


@pytest.mark.parametrize("category", CATEGORIES)
def test_vocabulary_names_the_shapes_of_a_category_apart(category: Category) -> None:
    types = [
        vocabulary.TYPES.get((category, shape.name), vocabulary.TYPE_OF[category]) for shape in SILHOUETTES[category]
    ]

    assert len(set(types)) >= 3
    assert set(vocabulary.MATERIALS[category]) <= {"", *PATTERNS}


def test_every_type_word_belongs_to_a_shape() -> None:
    shapes = {(category, shape.name) for category in CATEGORIES for shape in SILHOUETTES[category]}

    assert set(vocabulary.TYPES) <= shapes


def test_every_category_is_made_by_three_brands_or_more() -> None:
    makers = {category: [brand.name for brand in BRANDS if category in brand.categories] for category in CATEGORIES}

    assert min(len(names) for names in makers.values()) >= 3
