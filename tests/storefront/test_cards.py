"""Cards are kept for everybody; what is one shopper's is put in when they go out, and nothing of it stays."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.services import buy_now
from storefront import cards
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_product_for_sale, make_variant

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


def test_card_of_whom_nothing_may_be_kept_offers_no_hiding() -> None:
    sku = make_product_for_sale(slug="low", name="Low & High").sku
    card = cards.cards_for([sku])[sku]

    known, unknown = cards.finish_card(card, token="T" * 32), cards.finish_card(card)

    assert 'formaction="/p/low/hide/"' in known
    assert 'aria-label="Hide Low &amp; High from my rows"' in known
    assert not any(trace in unknown for trace in ("hide", "button", "#ban"))
    assert unknown.rstrip().endswith("</a>\n</article>")


def test_card_tells_the_last_sale_of_the_size_that_costs_least(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product(sku="SOLD")
    cheap, dear = make_variant(product, "9"), make_variant(product, "10")
    for variant, sold_cents, asked_cents in ((cheap, 15_000, 20_000), (dear, 40_000, 50_000)):
        make_ask(variant, sold_cents)
        buy_now(variant_id=variant.pk, buyer=make_user(), seen_price_cents=sold_cents, idempotency_key=uuid4())
        make_ask(variant, asked_cents)
    never = make_product_for_sale().sku

    with django_assert_num_queries(1):
        found = cards.cards_for(["SOLD", never])

    assert "Last sale $150<" in found["SOLD"]
    assert "$400" not in found["SOLD"]
    assert "No sale yet<" in found[never]


def test_names_are_read_with_the_cards_and_kept(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shown, named = make_product_for_sale(), make_product(name="Estuary")
    delisted = make_product(is_listed=False)

    with django_assert_num_queries(1):
        found = cards.cards_for([shown.sku], named=[named.sku, delisted.sku, "NOPE"])
        cards.cards_for([shown.sku], named=[named.sku, delisted.sku, "NOPE"])

    assert list(found) == [shown.sku]
    assert [cards.name_of(sku) for sku in (named.sku, delisted.sku, "NOPE", "never")] == ["Estuary", "", "", ""]
    assert cards.name_of(shown.sku) == shown.name
