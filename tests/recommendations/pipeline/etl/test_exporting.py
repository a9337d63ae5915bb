"""The three datasets: what goes in, what is left out and why, and nothing half-written."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.datasets import SCHEMAS, RowCheck, columns
from recommendations.events.store import store
from recommendations.models import KeyJoin, Rotation
from recommendations.pipeline.etl import exporting
from recommendations.pipeline.etl.bots import MAX_INTERACTIONS
from recommendations.pipeline.etl.exporting import export_datasets
from recommendations.pipeline.etl.report import DataReport
from recommendations.ports import DatasetType, Interaction
from tests.factories.catalog import make_category, make_product
from tests.factories.retraining import make_interaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def export(folder: Path, **fields: Any) -> tuple[DataReport, dict[str, list[dict[str, str]]]]:
    """Export a month and return the report, and every file's rows."""
    paths = {kind: folder / f"{kind.value}.csv" for kind in DatasetType}
    now = conf.now()
    report = export_datasets(Rotation(key="home", **fields), paths, since=now - timedelta(days=30), until=now)
    rows = {}
    for kind, path in paths.items():
        with path.open(newline="") as file:
            rows[kind.value] = list(csv.DictReader(file))
    assert {path.name for path in folder.iterdir()} == {path.name for path in paths.values()}
    return report, rows


def counts_add_up(report: DataReport) -> bool:
    return all(
        each.n_read == each.n_exported + each.n_refused + sum(each.dropped.values())
        for each in report.datasets.values()
    )


def test_export_writes_items_from_the_catalogue(tmp_path: Path) -> None:
    make_product(sku="A", category=make_category("high-tops"), retail_price_cents=12_050, released_on=date(2026, 1, 15))
    make_product(sku="B", retail_price_cents=None, house_price_cents=900)
    make_product(sku="C")
    make_product(sku="GONE", is_listed=False)
    make_product(sku="POST", is_listed=False, attributes={"excluded": "fee line"})

    report, rows = export(tmp_path)

    released_s = str(int(datetime(2026, 1, 15, tzinfo=UTC).timestamp()))
    assert [tuple(row.values()) for row in rows["ITEMS"]] == [
        ("A", released_s, "High tops", "Northwold", "120.5"),
        ("B", released_s, "Low tops", "Northwold", "9.0"),
        ("C", released_s, "Low tops", "Northwold", ""),
    ]
    assert report.datasets["ITEMS"].dropped == {"unlisted product": 1, "fee line": 1}
    assert report.n_listed == 3
    assert counts_add_up(report)


def test_export_says_of_users_what_the_shop_knows(tmp_path: Path) -> None:
    high = make_product(category=make_category("high-tops")).sku
    low = make_product(category=make_category("low-tops")).sku
    past = [make_interaction("ann", item, days_ago=day) for item, day in ((low, 9), (high, 8), (high, 7))]
    of_bob = make_interaction("bob", low)
    store([*past, of_bob])

    report, rows = export(tmp_path)

    assert [tuple(row.values()) for row in rows["USERS"]] == [
        ("ann", f"{past[0].occurred_at:%Y-%m}", "High tops"),
        ("bob", f"{of_bob.occurred_at:%Y-%m}", "Low tops"),
    ]
    assert (report.n_users, report.n_items) == (2, 2)
    assert report.categories == {"High tops": 2, "Low tops": 2}
    assert report.top_items == ((min(high, low), 2), (max(high, low), 2))


def test_export_knows_nothing_of_shoppers_who_exist_for_an_experiment(tmp_path: Path, settings: Settings) -> None:
    settings.UNTRAINED_PREFIXES = ("trial-", "other_")
    sku = make_product().sku
    store([make_interaction(key, sku) for key in ("trial-00001", "trial", "other-1", "ann")])

    report, rows = export(tmp_path)

    assert [row["USER_ID"] for row in rows["USERS"]] == ["ann", "other-1", "trial"]
    assert report.datasets["INTERACTIONS"].n_read == 3


def test_export_leaves_out_and_counts_what_teaches_nothing(tmp_path: Path) -> None:
    sku = make_product().sku
    make_product(sku="POST", is_listed=False, attributes={"excluded": "fee line"})
    make_product(sku="OLD", is_listed=False)
    moment = conf.now().replace(microsecond=100_000) - timedelta(days=2)
    once = make_interaction("ann", sku)
    doubled = [
        moved(once, moment),
        moved(make_interaction("ann", sku), moment + timedelta(milliseconds=700)),
        moved(make_interaction("ann", sku, event_type="watch"), moment + timedelta(milliseconds=710)),
        moved(make_interaction("ann", sku), moment + timedelta(seconds=1)),
        moved(make_interaction("bob", sku), moment),
    ]
    store([*doubled, *(make_interaction("ann", item) for item in ("POST", "OLD", "NEVER-HEARD-OF"))])

    report, rows = export(tmp_path)

    assert [(row["USER_ID"], row["EVENT_TYPE"]) for row in rows["INTERACTIONS"]] == [
        ("ann", "product_view"),
        ("ann", "watch"),
        ("ann", "product_view"),
        ("bob", "product_view"),
    ]
    assert report.datasets["INTERACTIONS"].dropped == {"doubled event": 1, "fee line": 1, "unlisted product": 2}
    assert counts_add_up(report)


def test_export_leaves_out_purchases_that_were_given_back(tmp_path: Path) -> None:
    once, twice, kept, never = (make_product().sku for _ in range(4))
    deeds = [
        (once, "purchase", 9),
        (once, "return", 8),
        (twice, "purchase", 9),
        (twice, "purchase", 7),
        (twice, "return", 6),
        (kept, "return", 5),
        (kept, "purchase", 4),
        (never, "return", 3),
    ]
    store([make_interaction("ann", item, event_type=kind, days_ago=day) for item, kind, day in deeds])
    store(
        [make_interaction("bob", once, event_type=kind, days_ago=day) for kind, day in (("purchase", 2), ("return", 1))]
    )

    report, rows = export(tmp_path)

    left = [(row["USER_ID"], row["ITEM_ID"], row["EVENT_TYPE"]) for row in rows["INTERACTIONS"]]
    assert left == [("ann", twice, "purchase"), ("ann", kept, "purchase")]
    assert [row["USER_ID"] for row in rows["USERS"]] == ["ann"]
    assert report.datasets["INTERACTIONS"].dropped == {"purchase given back": 3}
    assert counts_add_up(report)


def moved(interaction: Interaction, moment: datetime) -> Interaction:
    from dataclasses import replace

    return replace(interaction, occurred_at=moment, received_at=moment)


def test_export_leaves_out_bots_whatever_they_are_called(tmp_path: Path) -> None:
    skus = [make_product().sku for _ in range(5)]
    store([make_interaction("plain-name", skus[n % 5], days_ago=1 - n * 2 / 86_400) for n in range(60)])
    store([make_interaction("bot-that-is-none", skus[n % 5], days_ago=1 + n) for n in range(5)])

    report, rows = export(tmp_path)

    assert {row["USER_ID"] for row in rows["INTERACTIONS"]} == {"bot-that-is-none"}
    assert {row["USER_ID"] for row in rows["USERS"]} == {"bot-that-is-none"}
    assert report.datasets["INTERACTIONS"].dropped == {"bot": 60}
    assert report.n_bots == {"regularity": 1}


def test_export_holds_no_more_of_one_shopper_than_a_person_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = make_product().sku
    monkeypatch.setattr("recommendations.pipeline.etl.reading.MAX_INTERACTIONS", 5)
    monkeypatch.setattr(exporting, "MAX_INTERACTIONS", 5)
    store([make_interaction("many", sku, days_ago=n + 1) for n in range(7)])
    store([make_interaction("some", sku, days_ago=n + 1) for n in range(5)])

    report, _ = export(tmp_path)

    assert report.datasets["INTERACTIONS"].dropped == {"bot": 7}
    assert report.datasets["INTERACTIONS"].n_exported == 5
    assert MAX_INTERACTIONS == 50_000


def test_export_refuses_and_counts_what_fits_no_schema(tmp_path: Path) -> None:
    sku = make_product().sku
    broken = make_interaction("ann", sku, event_type="purchase")
    store([make_interaction("", sku), with_value(broken, float("nan")), make_interaction("ann", sku)])

    report, rows = export(tmp_path)

    assert len(rows["INTERACTIONS"]) == 1
    assert report.datasets["INTERACTIONS"].refused == {
        "USER_ID is empty": 1,
        "EVENT_VALUE is not a finite number": 1,
    }
    assert counts_add_up(report)


def with_value(interaction: Interaction, value: float) -> Interaction:
    from dataclasses import replace

    return replace(interaction, event_value=value)


def test_export_is_sorted_as_importers_sort(tmp_path: Path) -> None:
    sku = make_product().sku
    keys = ["b", "a", "B", "ä", "a-1", "a1"]
    store([make_interaction(key, sku, days_ago=day) for key in keys for day in (1, 2)])

    _, rows = export(tmp_path)

    written = [(row["USER_ID"], int(row["TIMESTAMP"])) for row in rows["INTERACTIONS"]]
    assert written == sorted(written)


def test_same_data_give_the_same_files(tmp_path: Path) -> None:
    skus = [make_product().sku for _ in range(3)]
    store([make_interaction(f"u{n % 4}", skus[n % 3], days_ago=1 + n) for n in range(12)])
    folders = [tmp_path / name for name in ("first", "second")]

    first, second = (export(folder)[0] for folder in folders)

    assert [path.read_bytes() for path in sorted(folders[0].iterdir())] == [
        path.read_bytes() for path in sorted(folders[1].iterdir())
    ]
    assert first.datasets == second.datasets


def test_export_that_breaks_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store([make_interaction("ann", make_product().sku)])

    def broken(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "why_bot", broken)

    with pytest.raises(OSError, match="No space left"):
        export(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_data_report_survives_json(tmp_path: Path) -> None:
    store([make_interaction("ann", make_product().sku)])
    report, _ = export(tmp_path)

    again = DataReport.from_json(json.loads(json.dumps(report.to_json())))

    assert again == report
    assert again.datasets["INTERACTIONS"].n_exported == 1


GOOD: dict[DatasetType, tuple[object, ...]] = {
    DatasetType.INTERACTIONS: ("u", "i", 1_700_000_000, "bid", 12.5),
    DatasetType.ITEMS: ("i", 1_700_000_000, "Low tops", "Northwold", None),
    DatasetType.USERS: ("u", "2026-03", "Low tops"),
}


@pytest.mark.parametrize("kind", list(DatasetType))
def test_row_check_passes_what_the_schema_describes(kind: DatasetType) -> None:
    record = dict(zip(columns(kind), GOOD[kind], strict=True))

    assert RowCheck(SCHEMAS[kind]).fault(record) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: row | {"TIMESTAMP": "yesterday"}, "TIMESTAMP is no long"),
        (lambda row: row | {"TIMESTAMP": 1_700_000_000_000}, "TIMESTAMP is not in epoch seconds"),
        (lambda row: row | {"TIMESTAMP": -1}, "TIMESTAMP is not in epoch seconds"),
        (lambda row: row | {"USER_ID": None}, "USER_ID is no string"),
        (lambda row: row | {"ITEM_ID": "i" * 257}, "ITEM_ID is longer than 256 characters"),
        (lambda row: row | {"EVENT_TYPE": ""}, "EVENT_TYPE is empty"),
        (lambda row: row | {"EVENT_VALUE": "dear"}, "EVENT_VALUE is no float or null"),
        (lambda row: {name: value for name, value in row.items() if name != "ITEM_ID"}, "ITEM_ID is missing"),
    ],
)
def test_row_check_names_the_column_and_the_fault(
    change: Callable[[dict[str, object]], dict[str, object]], reason: str
) -> None:
    kind = DatasetType.INTERACTIONS
    record = change(dict(zip(columns(kind), GOOD[kind], strict=True)))

    assert RowCheck(SCHEMAS[kind]).fault(record) == reason


def test_row_check_takes_items_whose_time_may_be_unknown_and_no_number_beyond_all_bounds() -> None:
    fields = [{**field} for field in SCHEMAS[DatasetType.ITEMS]["fields"]]
    fields[1]["type"] = ["long", "null"]
    check = RowCheck({**SCHEMAS[DatasetType.ITEMS], "fields": fields})
    record = dict(zip(columns(DatasetType.ITEMS), GOOD[DatasetType.ITEMS], strict=True))

    faults = [check.fault(record | change) for change in ({"CREATION_TIMESTAMP": None}, {"PRICE": 10**400})]

    assert faults == ["", "PRICE is not a finite number"]


def test_export_gives_an_account_what_its_device_did_before(tmp_path: Path) -> None:
    first, second = make_product().sku, make_product().sku
    store([make_interaction("zz-device", first, days_ago=3), make_interaction("ann", second, days_ago=2)])
    store([make_interaction("zz-device", second, days_ago=1), make_interaction("bob", first, days_ago=1)])
    KeyJoin.objects.create(shopper_key="zz-device", heir_key="ann", joined_at=conf.now())

    report, rows = export(tmp_path)

    assert [(row["USER_ID"], row["ITEM_ID"]) for row in rows["INTERACTIONS"]] == [
        ("ann", first),
        ("ann", second),
        ("ann", second),
        ("bob", first),
    ]
    assert report.n_users == 2
