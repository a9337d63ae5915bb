"""Whatever changes of a product that campaigns are told of leaves a row, by whatever way it was changed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from catalog import conf
from catalog.dropping import reschedule
from catalog.models import Brand, Category, Product, ProductChange
from tests.factories.catalog import make_brand, make_category, make_product, make_variant
from tests.factories.drops import make_announced

pytestmark = pytest.mark.django_db


def noted(change: Callable[[], object]) -> list[str]:
    """The SKUs that a change leaves."""
    ProductChange.objects.all().delete()
    change()
    return list(ProductChange.objects.values_list("sku", flat=True))


def copy_in(sku: str, like: Product) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY catalog_product (sku, name, slug, brand_id, category_id, colourway, description, keywords,"
            " attributes, released_on, is_listed) FROM STDIN"
        ) as copy,
    ):
        copy.write_row(
            (sku, sku, sku.lower(), like.brand_id, like.category_id, "", "", "", "{}", like.released_on, True)
        )


def test_products_that_are_added_are_noted() -> None:
    first = make_product(sku="FIRST")

    saved = noted(lambda: make_product(sku="SAVED"))
    in_bulk = noted(
        lambda: Product.objects.bulk_create(
            Product(
                sku=sku,
                name=sku,
                slug=sku.lower(),
                brand=first.brand,
                category=first.category,
                released_on=first.released_on,
            )
            for sku in ("B-1", "B-2")
        )
    )
    copied = noted(lambda: copy_in("COPIED", first))

    assert (saved, in_bulk, copied) == (["SAVED"], ["B-1", "B-2"], ["COPIED"])


@pytest.mark.parametrize(
    "values",
    [
        {"is_listed": False},
        {"released_on": date(2026, 2, 1)},
        {"retail_price_cents": 9_900},
        {"house_price_cents": 9_900},
        {"attributes": {"excluded": "fee line"}},
    ],
)
def test_what_campaigns_know_of_a_product_is_noted_when_it_changes(values: dict[str, object]) -> None:
    product, _ = make_product(), make_product()

    saved = noted(lambda: Product(**{**_fields(product), **values}).save())
    back = noted(lambda: Product(**_fields(product)).save())
    updated = noted(lambda: Product.objects.filter(pk=product.pk).update(**values))

    assert saved == back == updated == [product.sku]


def test_another_brand_category_or_sku_is_noted() -> None:
    product = make_product(sku="OLD")

    branded = noted(lambda: Product.objects.update(brand=make_brand("Sudvale")))
    filed = noted(lambda: Product.objects.update(category=make_category("caps")))
    renamed = noted(lambda: Product.objects.filter(pk=product.pk).update(sku="NEW"))

    assert (branded, filed, renamed) == (["OLD"], ["OLD"], ["NEW"])


def test_what_campaigns_do_not_know_is_not_noted() -> None:
    product = make_product()

    described = noted(lambda: Product.objects.update(description="In suede.", name="Harbour High", attributes={"a": 1}))
    saved_as_it_was = noted(product.save)

    assert described == saved_as_it_was == []


def test_drop_is_noted_when_it_is_announced_and_when_it_is_moved() -> None:
    announced = noted(lambda: make_announced(sku="DROP"))
    product = Product.objects.get()
    drop = product.drop

    moved = noted(lambda: reschedule(drop_id=drop.pk, opens_at=conf.now() + timedelta(days=9)))
    stayed = noted(lambda: drop.save(update_fields=["limit_per_account"]))

    assert set(announced) == set(moved) == {"DROP"}
    assert stayed == []


def test_names_that_change_are_noted_for_all_their_products() -> None:
    caps, brand = make_category("caps"), make_brand("Sudvale")
    make_product(sku="A", category=caps)
    make_product(sku="B", brand=brand)
    make_product(sku="C", category=caps, brand=brand)

    of_category = noted(lambda: Category.objects.filter(pk=caps.pk).update(name="Hats"))
    of_brand = noted(lambda: Brand.objects.filter(pk=brand.pk).update(name="Sudvale & Sons"))
    moved = noted(lambda: Category.objects.update(position=4))

    assert (of_category, of_brand, moved) == (["A", "C"], ["B", "C"], [])


def test_trade_leaves_no_change() -> None:
    variant = make_variant(make_product())

    traded = noted(lambda: variant.product.variants.update(position=2))

    assert traded == []


def test_change_shares_the_fate_of_its_transaction() -> None:
    def fail() -> None:
        with transaction.atomic():
            make_product()
            transaction.set_rollback(True)

    assert noted(fail) == []


def _fields(product: Product) -> dict[str, object]:
    names = (field.attname for field in Product._meta.concrete_fields if field.name != "search_document")
    return {name: getattr(product, name) for name in names}
