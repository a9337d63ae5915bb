from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Min

from catalog.models import Ask, Brand, Category, Product, Quote, Variant
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db


def seed(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_catalog", *arguments, stdout=output)
    return output.getvalue()


def test_seed_catalog_fills_an_empty_shop() -> None:
    said = seed("--size", "small")

    assert said == "Wrote 360 products (0 were there before).\n"
    assert (Brand.objects.count(), Category.objects.count(), Product.objects.count()) == (14, 6, 360)
    assert Product.objects.available().count() == 360


def test_seed_catalog_writes_quotes_that_agree_with_the_book() -> None:
    seed("--size", "small")

    lowest = dict(Ask.objects.filter(status=Ask.Status.OPEN).values_list("variant").annotate(lowest=Min("price_cents")))

    quotes = dict(Quote.objects.values_list("variant", "lowest_ask_cents"))
    assert len(quotes) == Variant.objects.count()
    assert {variant: price for variant, price in quotes.items() if price is not None} == lowest
    assert not Ask.objects.exclude(seller=None).exists()


def test_seed_catalog_twice_changes_nothing_and_says_so() -> None:
    seed("--size", "small")
    before = list(Ask.objects.order_by("pk").values_list("pk", "price_cents", "placed_at"))

    said = seed("--size", "small")

    assert said == "Nothing to do: all 360 products are in the shop.\n"
    assert list(Ask.objects.order_by("pk").values_list("pk", "price_cents", "placed_at")) == before


def test_seed_catalog_refuses_another_size_until_told_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    seed("--size", "small")

    with pytest.raises(CommandError, match=r"already holds 360 products, 1,656 short of --size medium; pass --add"):
        seed("--size", "medium")

    assert Product.objects.count() == 360


def test_seed_catalog_adds_what_is_missing_when_told_to() -> None:
    seed("--size", "small")

    said = seed("--size", "medium", "--add")

    assert said == "Wrote 1,656 products (360 were there before).\n"
    assert Product.objects.count() == 2_016


def test_seed_catalog_refuses_another_seed() -> None:
    seed("--size", "small")

    with pytest.raises(CommandError, match="with other contents than --seed 8 gives it; use the seed"):
        seed("--size", "small", "--seed", "8", "--add")

    assert Product.objects.count() == 360


def test_seed_catalog_writes_nothing_when_it_fails_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Quote.objects, "bulk_create", break_down)

    with pytest.raises(RuntimeError, match="disk is full"):
        seed("--size", "small")

    assert not Product.objects.exists()
    assert not Brand.objects.exists()


def test_seed_catalog_never_mixes_with_an_imported_catalogue() -> None:
    make_product(attributes={"origin": "import"})

    with pytest.raises(CommandError, match="imported catalogue"):
        seed("--size", "small", "--add")
