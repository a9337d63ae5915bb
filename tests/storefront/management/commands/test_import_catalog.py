from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product, Quote, Variant
from storefront.world import current_world
from tests.factories.catalog import make_product
from tests.storefront.imports.shop_files import FEES, ITEM_COLUMNS, ITEMS, write_items

pytestmark = pytest.mark.django_db


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_catalog", str(path), *ITEM_COLUMNS, *options, stdout=out)
    return out.getvalue()


def test_import_catalog_sells_each_item_at_its_price_in_one_size(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    run(path, *FEES)

    product = Product.objects.get(sku="1")
    assert product.name == "White Hanging Heart T-Light Holder"
    assert product.attributes["imported_name"] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert (product.house_price_cents, product.slug, product.is_listed) == (255, "1", True)
    assert (product.brand.name, product.category.name, product.category.slug) == ("House", "Gifts", "gifts")
    assert str(product.released_on) == "2010-12-01"
    assert list(Variant.objects.filter(product=product).values_list("size", flat=True)) == ["One size"]
    assert Quote.objects.count() == 6


def test_import_catalog_keeps_fee_lines_and_the_unpriced_out_of_sight(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    said = run(path, *FEES)

    assert set(Product.objects.listed().values_list("sku", flat=True)) == {"1", "2", "3"}
    assert Product.objects.get(sku="4").attributes["excluded"] == "fee line"
    assert "excluded" not in Product.objects.get(sku="6").attributes
    table = {name.strip(): count for name, _, count in (line.rpartition("  ") for line in said.splitlines())}
    assert table["fee lines, never shown"] == "2"
    assert table["without a price, never shown"] == "1"


def test_import_catalog_tells_of_names_that_exclude_nothing(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    said = run(path, "--exclude-names", "POSTAGE,Adjust bad debt,CARRIAGE")

    assert "No item is named CARRIAGE" in said


def test_import_catalog_reads_excluded_names_from_a_file(tmp_path: Path) -> None:
    path, names = write_items(tmp_path), tmp_path / "fees.txt"
    names.write_text("POSTAGE\nAdjust bad debt\n\n")

    run(path, "--exclude-names-file", str(names))

    assert not Product.objects.get(sku="4").is_listed


def test_import_catalog_again_changes_nothing_and_a_new_price_one_product(tmp_path: Path) -> None:
    path = write_items(tmp_path)
    run(path, *FEES)

    again = run(path, *FEES)
    changed = run(write_items(tmp_path, ITEMS.replace("12.75", "13.25")), *FEES)

    assert "Products: 0 new, 0 changed, 6 as before." in again
    assert "Products: 0 new, 1 changed, 5 as before." in changed
    assert Product.objects.get(sku="2").house_price_cents == 1325


def test_import_catalog_sets_the_worlds_currency(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    run(path, *FEES, "--currency", "GBP")

    assert current_world().currency == "GBP"


def test_import_catalog_refuses_a_bad_row_whole_and_says_where(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    with pytest.raises(CommandError) as caught:
        run(path)

    assert "line 6, column price: '-11062.06'; expected 0 to 21,474,836.47" in str(caught.value)
    assert "--exclude-names" in str(caught.value)
    assert not Product.objects.exists()


def test_import_catalog_skips_bad_rows_when_told(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    said = run(path, "--skip-bad")

    assert Product.objects.count() == 5
    assert "Left out 1 bad rows: 1 price out of range." in said


def test_import_catalog_names_an_item_given_twice(tmp_path: Path) -> None:
    path = write_items(tmp_path, ITEMS + "2,ANOTHER CAKESTAND,9.95,1291191960\n")

    with pytest.raises(CommandError, match=r"line 8, column item_id: '2'.*Line 3 gives this item already"):
        run(path, *FEES)

    assert not Product.objects.exists()


def test_import_catalog_names_a_missing_column_and_its_option(tmp_path: Path) -> None:
    path = write_items(tmp_path)

    with pytest.raises(CommandError, match=r"no column ITEM_ID, NAME, PRICE.*--item-id NAME"):
        call_command("import_catalog", str(path))

    assert not Product.objects.exists()


def test_import_catalog_refuses_a_world_of_invented_products(tmp_path: Path) -> None:
    make_product()

    with pytest.raises(CommandError, match="WORLD="):
        run(write_items(tmp_path), *FEES)

    assert Product.objects.count() == 1
