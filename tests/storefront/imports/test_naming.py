import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.imports.naming import slug_of, tidy_name


@pytest.mark.parametrize(
    ("listed", "tidy"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        ("SET OF 3  BUTTERFLY COOKIE CUTTERS", "Set of 3 Butterfly Cookie Cutters"),
        ("BLUE CHECK BAG W HANDLE 34X20CM", "Blue Check Bag w Handle 34x20cm"),
        ("CHILDREN'S APRON DOLLY GIRL ", "Children's Apron Dolly Girl"),
        ("3 TRADITIONAl BISCUIT CUTTERS  SET", "3 Traditional Biscuit Cutters Set"),
        ("*USB Office Mirror Ball", "USB Office Mirror Ball"),
        ("Dr. Jam's Arouzer Stress Ball", "Dr. Jam's Arouzer Stress Ball"),
        ("20713", "20713"),
        ("???", "???"),
    ],
)
def test_tidy_name_writes_as_a_shop_would(listed: str, tidy: str) -> None:
    found = tidy_name(listed)

    assert found == tidy


@given(st.lists(st.text(min_size=1, max_size=64), min_size=2, max_size=20, unique=True))
def test_slug_of_is_safe_and_different_for_different_ids(identifiers: list[str]) -> None:
    slugs = [slug_of(identifier) for identifier in identifiers]

    assert len(set(slugs)) == len(identifiers)
    assert all(
        slug.replace("-", "").replace("_", "").isalnum() and slug.isascii() for slug in slugs if slug.strip("-_")
    )
