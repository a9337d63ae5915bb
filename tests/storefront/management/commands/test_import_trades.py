from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from catalog import history
from catalog.models import Product, Quote, Trade, Variant
from storefront.clock import Clock
from storefront.imports.trades import IMPORT_LOCK
from storefront.world import current_world
from tests.factories.catalog import make_product
from tests.storefront.imports.sale_files import SALE_COLUMNS, SALE_LINES, write_sales

REAL_SALES = Path(__file__).resolve().parents[5] / "shared" / "data" / "catalogue" / "stockx_contest_2019_sales.csv.gz"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_clock(tmp_path: Path) -> Iterator[Clock]:
    """The import moves the world's clock; each test has one of its own."""
    held, settings.CLOCK = settings.CLOCK, Clock(tmp_path / "clock.json")
    yield settings.CLOCK
    settings.CLOCK = held


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_trades", str(path), *SALE_COLUMNS, *options, stdout=out)
    return out.getvalue()


def counted(said: str, name: str) -> int:
    line = next(line for line in said.splitlines() if line.strip().startswith(name))
    return int(line.replace(name, "").strip().replace(",", ""))


@pytest.mark.parametrize("is_gzip", [False, True])
def test_import_trades_makes_the_products_that_were_sold(tmp_path: Path, is_gzip: bool) -> None:
    path = write_sales(tmp_path, is_gzip=is_gzip)

    said = run(path)

    product = Product.objects.get(sku="Northwold-Harbour-Low-Beluga")
    assert (product.name, product.brand.name) == ("Northwold Harbour Low Beluga", "Northwold")
    assert (product.retail_price_cents, product.released_on) == (22_000, date(2016, 9, 24))
    assert [variant.size for variant in product.variants.all()] == ["US 9.5", "US 11"]
    assert "2 products are new" in said
    assert counted(said, "new") == counted(said, "rows in the file") == 5


def test_import_trades_keeps_each_sale_as_history_that_nobody_here_made(tmp_path: Path) -> None:
    path = write_sales(tmp_path)

    run(path)

    sale = Trade.objects.get(price_cents=108_050)
    assert (sale.source, sale.buyer, sale.seller, sale.ask) == (Trade.Source.IMPORT, None, None, None)
    assert sale.traded_at == datetime(2017, 9, 2, tzinfo=UTC)
    assert Trade.objects.filter(variant__size="US 11", price_cents=109_700).count() == 2
    assert Trade.objects.filter(price_cents=21_771).exists()


def test_import_trades_sets_the_last_sales_and_what_the_house_asks(tmp_path: Path) -> None:
    path = write_sales(tmp_path)

    run(path)

    prices = dict(
        Quote.objects.values_list("variant__size", "last_sale_cents").filter(variant__product__sku__startswith="M")
    )
    assert prices == {"US 11": 21_771, "US 4": 23_100}
    assert Product.objects.get(sku="Mirelle-Court-High").house_price_cents == 23_100
    assert Product.objects.available().count() == 2


@pytest.mark.parametrize(("house_price", "expected"), [("retail", 16_000), ("none", None)])
def test_import_trades_lets_the_owner_say_what_the_house_asks(
    tmp_path: Path, house_price: str, expected: int | None
) -> None:
    path = write_sales(tmp_path)

    run(path, "--house-price", house_price)

    assert Product.objects.get(sku="Mirelle-Court-High").house_price_cents == expected


def test_import_trades_again_adds_nothing_and_a_longer_file_only_its_new_rows(tmp_path: Path) -> None:
    run(write_sales(tmp_path))
    longer = (*SALE_LINES, SALE_LINES[0], "2017-12-03,Mirelle,Mirelle-Court-High,240.0,160,2017-11-20,4.0")

    again = run(write_sales(tmp_path))
    more = run(write_sales(tmp_path, longer), "--set-clock")

    assert (counted(again, "new"), counted(again, "in the shop already")) == (0, 5)
    assert (counted(more, "new"), counted(more, "in the shop already")) == (2, 5)
    assert Trade.objects.count() == 7
    assert Quote.objects.get(variant__size="US 4").last_sale_cents == 24_000


def test_import_trades_goes_on_where_it_was_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sales(tmp_path)
    monkeypatch.setattr(history, "BATCH_TRADES", 2)
    whole, batches = history._add_batch, []

    def dies_at_the_second(cursor: object, named: dict[str, object]) -> None:
        batches.append(named)
        if len(batches) == 2:
            raise KeyboardInterrupt
        whole(cursor, named)

    monkeypatch.setattr(history, "_add_batch", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    n_left = Trade.objects.count()
    monkeypatch.setattr(history, "_add_batch", whole)

    said = run(path)

    assert n_left == 2
    assert counted(said, "new") == 3
    assert Trade.objects.count() == 5


def test_import_trades_moves_the_worlds_now_to_the_end_of_the_data(tmp_path: Path) -> None:
    said = run(write_sales(tmp_path))

    assert "The world's now is 2017-12-02 00:01" in said
    assert settings.CLOCK.now() - datetime(2017, 12, 2, tzinfo=UTC) < timedelta(minutes=2)


def test_import_trades_refuses_bad_rows_whole_and_says_where(tmp_path: Path) -> None:
    bad = (
        *SALE_LINES[:1],
        "2017-09-01,Northwold,Northwold-Harbour-Low-Beluga,0,220,2016-09-24,11.0",
        "yesterday,Northwold,Northwold-Harbour-Low-Beluga,5,220,2016-09-24,11.0",
        "2017-09-01,Northwold,,5,220,2016-09-24,11.0",
        "2017-09-01,Northwold,Another-One,5,cheap,2016-09-24,11.0",
    )

    with pytest.raises(CommandError) as caught:
        run(write_sales(tmp_path, bad))

    said = str(caught.value)
    assert "4 bad rows; nothing was imported" in said
    assert "line 3, column Sale Price: '0'; expected a price" in said
    assert "line 4, column Order Date: 'yesterday'" in said
    assert "line 5, column Sneaker Name: ''; expected a value" in said
    assert "line 6, column Retail Price: 'cheap'" in said
    assert not Product.objects.exists()
    assert not Trade.objects.exists()


def test_import_trades_skips_bad_rows_when_told(tmp_path: Path) -> None:
    path = write_sales(
        tmp_path, (*SALE_LINES, "yesterday,Northwold,Northwold-Harbour-Low-Beluga,5,220,2016-09-24,11.0")
    )

    said = run(path, "--skip-bad")

    assert "Left out 1 bad rows: 1 not a time." in said
    assert Trade.objects.count() == 5


def test_import_trades_wants_a_name_for_what_the_catalogue_lacks(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("ITEM_ID,TIMESTAMP,PRICE\nA-1,1504224000,120\n")

    with pytest.raises(CommandError, match=r"line 2, column ITEM_ID: 'A-1'.*--name COLUMN"):
        call_command("import_trades", str(path))

    assert not Trade.objects.exists()


def test_import_trades_takes_an_imported_catalogues_products_as_they_are(tmp_path: Path) -> None:
    held = make_product(sku="A-1", name="Held", house_price_cents=500, attributes={"origin": "import"})
    path = tmp_path / "sales.csv"
    path.write_text("ITEM_ID,TIMESTAMP,PRICE\nA-1,1504224000,120\n")

    call_command("import_trades", str(path), stdout=StringIO())

    held.refresh_from_db()
    assert (held.name, held.house_price_cents) == ("Held", 500)
    assert list(Variant.objects.filter(product=held).values_list("size", flat=True)) == ["One size"]
    assert Quote.objects.get(variant__product=held).last_sale_cents == 12_000


def test_import_trades_refuses_a_world_of_invented_products(tmp_path: Path) -> None:
    make_product()

    with pytest.raises(CommandError, match="WORLD="):
        run(write_sales(tmp_path))

    assert not Trade.objects.exists()


def test_import_trades_sets_the_worlds_currency(tmp_path: Path) -> None:
    run(write_sales(tmp_path), "--currency", "EUR")

    assert current_world().currency == "EUR"


@pytest.mark.django_db(transaction=True)
def test_import_trades_is_refused_while_another_is_under_way(tmp_path: Path) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [IMPORT_LOCK])

    try:
        with pytest.raises(CommandError, match="Another import of trades is under way"), transaction.atomic():
            run(write_sales(tmp_path))
    finally:
        other.close()

    assert not Trade.objects.exists()


@pytest.mark.soak
@pytest.mark.skipif(not REAL_SALES.exists(), reason=f"{REAL_SALES} is absent: the real file is not part of the project")
def test_import_trades_takes_a_hundred_thousand_real_sales() -> None:
    said = run(REAL_SALES)

    assert counted(said, "new") == counted(said, "rows in the file") == Trade.objects.count() == 99_956
    assert Product.objects.listed().count() == 50
