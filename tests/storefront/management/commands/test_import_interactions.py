from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import ANY

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import Product
from recommendations.events.ids import time_of
from recommendations.models import Interaction
from tests.storefront.imports.shop_files import (
    COLUMNS,
    FEES,
    ITEM_COLUMNS,
    LAST_S,
    interaction_lines,
    write_interactions,
    write_items,
)

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "online_retail"

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(tmp_path: Path) -> None:
    call_command("import_catalog", str(write_items(tmp_path)), *ITEM_COLUMNS, *FEES, stdout=StringIO())


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_interactions", str(path), *COLUMNS, *options, stdout=out)
    return out.getvalue()


def counted(said: str, name: str) -> list[int]:
    line = next(line for line in said.splitlines() if line.strip().startswith(name))
    return [int(word.replace(",", "")) for word in line.replace(name, "").split()]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("is_gzip", [False, True])
def test_import_interactions_accounts_for_every_row(tmp_path: Path, is_gzip: bool) -> None:
    lines = interaction_lines()
    path = write_interactions(tmp_path, lines, is_gzip=is_gzip)

    said = run(path, "--event-value", "unitprice")

    purchases, returns = (sum(f",{kind}," in line for line in lines) for kind in ("purchase", "return"))
    assert counted(said, "rows in the file") == [purchases, returns, len(lines)]
    imported, fees = counted(said, "imported"), counted(said, "excluded: fee line")
    assert [sum(pair) for pair in zip(imported, fees, strict=True)] == [purchases, returns, len(lines)]
    assert fees[2] == sum(line.split(",")[1] == "4" for line in lines) > 0
    assert Interaction.objects.count() == imported[2]
    assert Interaction.objects.filter(event_type="return").count() == imported[1]
    assert not Interaction.objects.filter(item_id="4").exists()


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_keeps_history_received_when_it_happened(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, ["17841,1,1291200000,purchase,2.55"])

    run(path, "--event-value", "unitprice")

    row = Interaction.objects.get()
    assert row.occurred_at == row.received_at == time_of(row.event_id) == datetime.fromtimestamp(1291200000, UTC)
    assert (row.shopper_key, row.event_value, row.event_id.version) == ("17841", 2.55, 7)


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_again_adds_nothing(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines())
    run(path)
    n_before = Interaction.objects.count()

    said = run(path)

    assert f"0 interactions are new, {n_before:,} were in the store already." in said
    assert Interaction.objects.count() == n_before


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_counts_a_repeated_row_as_often_as_it_stands(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, ["17841,1,1291200000,purchase,2.55"] * 3)

    run(path)

    rows = list(Interaction.objects.all())
    assert len({row.event_id for row in rows}) == 3
    assert {(row.event_id.version, time_of(row.event_id)) for row in rows} == {(7, rows[0].occurred_at)}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("place", "value", "column", "expected"),
    [
        (0, "", "user_id", "expected a value"),
        (0, "sim-00001", "user_id", "a real shopper's id"),
        (0, "x" * 65, "user_id", "at most 64 characters"),
        (1, "999", "item_id", "an item of the catalogue"),
        (2, "soon", "timestamp", "epoch seconds or ISO 8601"),
        (2, "1291200000000", "timestamp", "epoch seconds"),
        (2, "4000000000", "timestamp", "before this world's now"),
        (3, "teleport", "event_type", "one of product_view"),
        (4, "cheap", "unitprice", "a number such as 2.55"),
    ],
)
def test_import_interactions_names_line_1000_and_its_column_and_imports_nothing(
    tmp_path: Path, place: int, value: str, column: str, expected: str
) -> None:
    lines = interaction_lines()
    fields = lines[998].split(",")
    fields[place] = value
    lines[998] = ",".join(fields)
    path = write_interactions(tmp_path, lines)

    with pytest.raises(CommandError) as caught:
        run(path, "--event-value", "unitprice")

    assert f"line 1,000, column {column}: '{value[:60]}" in str(caught.value)
    assert expected in str(caught.value)
    assert "1 bad row; nothing was imported" in str(caught.value)
    assert not Interaction.objects.exists()
    assert not settings.CLOCK.is_set()


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_names_a_line_of_too_few_fields(tmp_path: Path) -> None:
    lines = interaction_lines()
    lines[998] = "17841,1"

    with pytest.raises(CommandError, match=r"line 1,000, column \(all\): '2 fields'; expected 5 fields"):
        run(write_interactions(tmp_path, lines))

    assert not Interaction.objects.exists()


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_lists_twenty_faults_and_counts_all(tmp_path: Path) -> None:
    lines = [line.replace(",purchase,", ",teleport,") for line in interaction_lines()]
    n_bad = sum(",teleport," in line for line in lines)

    with pytest.raises(CommandError) as caught:
        run(write_interactions(tmp_path, lines))

    assert str(caught.value).count("column event_type") == 20
    assert f"has {n_bad:,} bad rows" in str(caught.value)
    assert f"... and {n_bad - 20:,} more." in str(caught.value)


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_skips_bad_rows_when_told_and_counts_them(tmp_path: Path) -> None:
    lines = interaction_lines()
    lines[0] = "17841,1,soon,purchase,2.55"

    said = run(write_interactions(tmp_path, lines), "--skip-bad")

    assert "Left out 1 bad rows: 1 not a time." in said
    assert counted(said, "excluded: bad row") == [1]
    assert counted(said, "rows in the file") == [ANY, ANY, len(lines)]
    assert counted(said, "imported")[2] + counted(said, "excluded: fee line")[2] + 1 == len(lines)


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_refuses_a_file_that_breaks_off(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines(), is_gzip=True)
    path.write_bytes(path.read_bytes()[:-500])

    with pytest.raises(CommandError, match="breaks off or is damaged"):
        run(path)

    assert not Interaction.objects.exists()


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_maps_a_shops_own_event_types(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, ["17841,1,1291200000,addtocart,", "17841,1,1291200001,,"])

    run(path, "--map-event-type", "addtocart=watch", "--default-event-type", "product_view")

    assert sorted(Interaction.objects.values_list("event_type", flat=True)) == ["product_view", "watch"]


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_refuses_to_map_to_an_unknown_event_type(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, ["17841,1,1291200000,addtocart,"])

    with pytest.raises(CommandError, match="'cart' is no event type; the shop knows product_view"):
        run(path, "--map-event-type", "addtocart=cart")


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_sets_an_unset_clock_just_after_old_data(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines())

    said = run(path)

    end = datetime.fromtimestamp(LAST_S, UTC)
    assert end < settings.CLOCK.now() < end + timedelta(minutes=3)
    assert "The world's now is 2010-12-" in said


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_leaves_a_clock_that_somebody_set(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines())
    settings.CLOCK.set(datetime(2012, 1, 1, tzinfo=UTC))

    said = run(path)

    assert settings.CLOCK.now().year == 2012
    assert "The world's now" not in said


@pytest.mark.usefixtures("catalogue")
def test_import_interactions_leaves_the_clock_alone_when_told(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines())

    run(path, "--no-set-clock")

    assert not settings.CLOCK.is_set()


def test_import_interactions_dates_releases_by_the_first_interaction(tmp_path: Path) -> None:
    items, options = write_items(tmp_path), ("--item-id", "item_id", "--name", "name", "--price", "price")
    call_command("import_catalog", str(items), *options, *FEES, stdout=StringIO())

    run(write_interactions(tmp_path, ["17841,1,1291200000,purchase,", "17841,1,1291900000,purchase,"]))

    assert str(Product.objects.get(sku="1").released_on) == "2010-12-01"
    assert str(Product.objects.get(sku="2").released_on) == "2000-01-01"


def test_import_interactions_wants_the_catalogue_first(tmp_path: Path) -> None:
    path = write_interactions(tmp_path, interaction_lines())

    with pytest.raises(CommandError, match="import_catalog first"):
        run(path)


@pytest.mark.skipif(not SHARED.exists(), reason=f"the Online Retail files are not at {SHARED}")
def test_import_interactions_accounts_for_online_retail(tmp_path: Path) -> None:
    fees = "POSTAGE,DOTCOM POSTAGE,Manual,CARRIAGE,Next Day Carriage,PACKING CHARGE,Bank Charges,AMAZON FEE,"
    fees += "CRUK Commission,Discount,SAMPLES,Adjust bad debt,High Resolution Image"
    items = str(SHARED / "items.csv.gz")
    call_command("import_catalog", items, *ITEM_COLUMNS, "--exclude-names", fees, stdout=StringIO())

    said = run(SHARED / "interactions.csv.gz", "--event-value", "unitprice")

    assert counted(said, "rows in the file") == [397_924, 8_905, 406_829]
    assert counted(said, "imported") == [396_278, 8_536, 404_814]
    assert counted(said, "excluded: fee line") == [1_646, 369, 2_015]
    assert Interaction.objects.count() == 404_814
    assert f"{settings.CLOCK.now():%Y-%m-%d}" == "2011-12-09"
