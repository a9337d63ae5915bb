from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Min

from catalog import conf
from catalog.art.silhouettes import CATEGORIES
from catalog.dropping import stock_of
from catalog.generation.brands import BRANDS
from catalog.generation.catalogue import SIZES, generate_catalogue
from catalog.models import Ask, Brand, Category, Drop, DropSize, Product, Quote, Variant
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db

SMALL, MEDIUM = (len(generate_catalogue(size, 7, date(2026, 3, 1)).products) for size in SIZES[:2])


def seed(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_catalog", *arguments, stdout=output)
    return output.getvalue()


def test_seed_catalog_fills_an_empty_shop() -> None:
    said = seed("--size", "small")

    assert said == f"Wrote {SMALL} products (0 were there before).\n"
    assert Brand.objects.count() == len(BRANDS)
    assert list(Category.objects.values_list("slug", flat=True)) == list(CATEGORIES)
    assert Product.objects.count() == SMALL
    assert Product.objects.available().count() == SMALL - Product.objects.upcoming().count()
    assert 20 <= Product.objects.upcoming().count() <= 30


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

    assert said == f"Nothing to do: all {SMALL} products are in the shop.\n"
    assert list(Ask.objects.order_by("pk").values_list("pk", "price_cents", "placed_at")) == before


def test_seed_catalog_refuses_another_size_until_told_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    seed("--size", "small")

    with pytest.raises(
        CommandError, match=rf"holds {SMALL} products, {MEDIUM - SMALL:,} short of --size medium; pass --add"
    ):
        seed("--size", "medium")

    assert Product.objects.count() == SMALL


def test_seed_catalog_tells_a_shop_of_an_earlier_smaller_catalogue_how_to_grow() -> None:
    seed("--size", "small")
    Ask.objects.filter(variant__product__attributes__drop=True).delete()
    Drop.objects.all().delete()
    Product.objects.filter(attributes__drop=True).delete()
    held = Product.objects.count()

    with pytest.raises(CommandError, match=rf"holds {held} products, {SMALL - held} short of --size small; pass --add"):
        seed("--size", "small")
    said = seed("--size", "small", "--add")

    assert said == f"Wrote {SMALL - held} products ({held} were there before).\n"


def test_seed_catalog_adds_what_is_missing_when_told_to() -> None:
    seed("--size", "small")

    said = seed("--size", "medium", "--add")

    assert said == f"Wrote {MEDIUM - SMALL:,} products ({SMALL} were there before).\n"
    assert Product.objects.count() == MEDIUM


def test_seed_catalog_refuses_another_seed() -> None:
    seed("--size", "small")

    with pytest.raises(CommandError, match="with other contents than --seed 8 gives it; use the seed"):
        seed("--size", "small", "--seed", "8", "--add")

    assert Product.objects.count() == SMALL


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


def test_seed_catalog_announces_the_drops_to_come_with_stock_that_waits() -> None:
    seed("--size", "small")

    to_come = Drop.objects.filter(opens_at__gt=conf.now())

    assert set(to_come.values_list("product", flat=True)) == set(
        Product.objects.upcoming().values_list("pk", flat=True)
    )
    for drop in to_come[:5]:
        stock = stock_of(drop)
        asks = Ask.objects.filter(variant__product=drop.product)
        assert stock.n_pieces == stock.n_left == asks.count() > 0
        assert set(asks.values_list("price_cents", "drop")) == {(drop.product.retail_price_cents, drop.pk)}
        assert drop.opens_at.date() == drop.product.released_on
        assert 9 <= drop.opens_at.hour < 19


def test_seed_catalog_tells_when_the_drops_of_the_last_days_opened() -> None:
    seed("--size", "small")

    past = Drop.objects.filter(opens_at__lte=conf.now())

    assert past.count() > 5
    assert not DropSize.objects.filter(drop__in=past).exists()
    assert Product.objects.listed().filter(drop__in=past).count() == past.count()
