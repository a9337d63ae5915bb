"""Interactions from a file into the store: every row accounted for, whole or not at all."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from catalog.models import Product
from recommendations.events import ids
from recommendations.events.schema import EVENT_TYPES
from storefront.imports.catalogue_rows import EXCLUDED, FEE_LINE, LONGEST_ID, RELEASE, UNKNOWN
from storefront.imports.faults import BadValue, Fault, Faults, ImportRefused
from storefront.imports.files import Column, CsvFile, Row, text
from storefront.imports.values import moment, number
from storefront.origin import require_no_simulation
from storefront.progress import Report
from storefront.simulation.parameters import BOT_KEY, SIMULATED_KEY
from storefront.staging import Stored, copy_line, copying, in_blocks, staging_table, store_staged

COLUMNS = {
    "user_id": Column("--user-id", "USER_ID", is_required=True),
    "item_id": Column("--item-id", "ITEM_ID", is_required=True),
    "timestamp": Column("--timestamp", "TIMESTAMP", is_required=True),
    "event_type": Column("--event-type", "EVENT_TYPE", is_required=False),
    "event_value": Column("--event-value", "EVENT_VALUE", is_required=False),
}
ROWS_A_REPORT = 10_000
DATE_RELEASES = """
    UPDATE catalog_product SET released_on = first.met_on
    FROM (SELECT item_id, min(occurred_at)::date AS met_on FROM recommendations_interaction GROUP BY item_id) AS first
    WHERE sku = first.item_id AND attributes ->> %s = %s
"""


@dataclass(frozen=True, slots=True)
class InteractionOptions:
    """What the file does not say. `latest` is the last moment an interaction may have; None lets any pass."""

    columns: Mapping[str, Column]
    latest: datetime | None
    default_event_type: str = "purchase"
    event_type_names: Mapping[str, str] = field(default_factory=dict)
    skips_bad: bool = False


@dataclass(slots=True)
class InteractionReport:
    """Where every row of the file went, by event type; `newest_at` is the latest good row's, fee lines included."""

    n_rows: int = 0
    imported: Counter[str] = field(default_factory=Counter)
    fee_lines: Counter[str] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)
    newest_at: datetime | None = None
    stored: Stored = field(default_factory=lambda: Stored(0, 0))


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One good row."""

    user_id: str
    item_id: str
    event_type: str
    event_value: float | None
    occurred_at: datetime
    is_fee: bool

    def copy_line(self) -> str:
        """The row for the staging table; equal facts have equal ids there, told apart as they are stored."""
        event_id = ids.derived(self.occurred_at, self.user_id, self.item_id, self.event_type).hex
        occurred_at = self.occurred_at.isoformat()
        return copy_line(event_id, self.user_id, "", self.item_id, self.event_type, self.event_value, occurred_at)


def import_interactions(path: Path, options: InteractionOptions, *, report: Report) -> InteractionReport:
    """Import a file whole or not at all; importing it again adds nothing.

    Args:
        path: a CSV file, plain or gzip.
        options: the columns' names, and what the file does not say.
        report: told the share done, 0..1, and a note.

    Raises:
        ImportRefused: there is no catalogue, the file is unusable, or a row is bad and `skips_bad` is off.
        OriginMixed: the world holds invented products or simulated shoppers.
    """
    require_no_simulation()
    _check_event_types(options)
    done = InteractionReport()
    with CsvFile.open(path) as file, transaction.atomic(), staging_table():
        # Read before the COPY begins, which has the connection to itself.
        lines = _lines(file, options, _read_items(), done, report)
        with copying() as copy:
            for block in in_blocks(lines):
                copy.write(block)
        if not options.skips_bad:
            done.faults.refuse(path.name)
        report(0.7, f"storing {done.imported.total():,} interactions")
        done.stored = store_staged()
        _date_releases()
    report(1.0, "done")
    return done


def _check_event_types(options: InteractionOptions) -> None:
    for name in (options.default_event_type, *options.event_type_names.values()):
        if name not in EVENT_TYPES:
            raise ImportRefused(f"{name!r} is no event type; the shop knows {', '.join(EVENT_TYPES)}.")


def _lines(
    file: CsvFile, options: InteractionOptions, is_fee: Mapping[str, bool], done: InteractionReport, report: Report
) -> Iterator[str]:
    """Every good row as a COPY line; fee lines and bad rows are counted."""
    for row in file.rows(options.columns):
        done.n_rows += 1
        if done.n_rows % ROWS_A_REPORT == 0:
            report(0.7 * file.share_read(), f"{done.n_rows:,} rows")
        parsed = _parse(row, options, is_fee)
        if isinstance(parsed, Fault):
            done.faults.add(parsed)
            continue
        done.newest_at = parsed.occurred_at if done.newest_at is None else max(done.newest_at, parsed.occurred_at)
        if parsed.is_fee:
            done.fee_lines[parsed.event_type] += 1
        else:
            done.imported[parsed.event_type] += 1
            yield parsed.copy_line()


def _read_items() -> dict[str, bool]:
    """Whether each item of the catalogue is a fee line."""
    is_fee = {
        sku: attributes.get(EXCLUDED) == FEE_LINE
        for sku, attributes in Product.objects.values_list("sku", "attributes")
    }
    if not is_fee:
        raise ImportRefused("This world has no catalogue yet: run manage.py import_catalog first.")
    return is_fee


def _parse(row: Row, options: InteractionOptions, is_fee: Mapping[str, bool]) -> ParsedRow | Fault:
    """What one row says, or its first fault."""
    if not row.is_whole:
        found, wanted = row.values
        return Fault(row.line, "(all)", found, "fields", wanted, "Check this line's commas and quotes.")
    user_id, item_id, timestamp, event_type, event_value = row.values
    key, value = "user_id", user_id
    try:
        _shopper_key(user_id)
        key, value = "item_id", item_id
        if item_id not in is_fee:
            text(item_id, longest=LONGEST_ID)
            raise BadValue("unknown item", "an item of the catalogue", "Import it with import_catalog, or correct it.")
        key, value = "timestamp", timestamp
        occurred_at = moment(timestamp, latest=options.latest)
        key, value = "event_type", event_type
        kind = _event_type(event_type, options)
        key, value = "event_value", event_value
        worth = number(event_value)
    except BadValue as bad:
        return Fault(row.line, options.columns[key].name, value, bad.reason, bad.expected, bad.fix)
    return ParsedRow(user_id, item_id, kind, worth, occurred_at, is_fee=is_fee[item_id])


def _shopper_key(value: str) -> None:
    text(value, longest=LONGEST_ID)
    for invented in (SIMULATED_KEY, BOT_KEY):
        if value.startswith(invented):
            raise BadValue("simulated shopper", "a real shopper's id", f"Ids that start with {invented} are invented.")


def _event_type(value: str, options: InteractionOptions) -> str:
    kind = options.event_type_names.get(value, value) or options.default_event_type
    if kind not in EVENT_TYPES:
        fix = f"Name its meaning: --map-event-type {value}=purchase"
        raise BadValue("unknown event type", f"one of {', '.join(EVENT_TYPES)}", fix)
    return kind


def _date_releases() -> None:
    """Products whose file told no release date count as released when somebody first met them."""
    with connection.cursor() as cursor:
        cursor.execute(DATE_RELEASES, [RELEASE, UNKNOWN])
