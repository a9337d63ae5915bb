"""Cards are kept for everybody; what is one shopper's is put in when they go out, and nothing of it stays."""

import pytest
from pytest_django import DjangoAssertNumQueries

from storefront import cards
from tests.factories.catalog import make_product, make_product_for_sale

pytestmark = pytest.mark.django_db


def test_card_goes_out_with_token_and_reason_or_without_a_trace_of_them() -> None:
    sku = make_product_for_sale(slug="low").sku
    card = cards.cards_for([sku])[sku]

    whole = cards.finish_card(card, token="T" * 32, because="Because you viewed <b>Low & High</b>")
    bare = cards.finish_card(card)

    assert f'href="/p/low/?r={"T" * 32}"' in whole
    assert '<span class="card-because">Because you viewed &lt;b&gt;Low &amp; High&lt;/b&gt;</span>' in whole
    assert 'href="/p/low/"' in bare
    assert not any(trace in bare.lower() for trace in ("because", "token", "<!--"))


def test_names_are_read_with_the_cards_and_kept(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shown, named = make_product_for_sale(), make_product(name="Estuary")
    delisted = make_product(is_listed=False)

    with django_assert_num_queries(1):
        found = cards.cards_for([shown.sku], named=[named.sku, delisted.sku, "NOPE"])
        cards.cards_for([shown.sku], named=[named.sku, delisted.sku, "NOPE"])

    assert list(found) == [shown.sku]
    assert [cards.name_of(sku) for sku in (named.sku, delisted.sku, "NOPE", "never")] == ["Estuary", "", "", ""]
    assert cards.name_of(shown.sku) == shown.name
