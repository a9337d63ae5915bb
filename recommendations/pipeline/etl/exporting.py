"""Exports a window as the three datasets of Personalize, in one pass, holding one shopper at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from recommendations import items
from recommendations.events.schema import EVENT_TYPES, PURCHASE, RETURN
from recommendations.models import Rotation
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.context import Progress, ignore_progress
from recommendations.pipeline.etl.bots import MAX_INTERACTIONS, VIEW, why_bot
from recommendations.pipeline.etl.drift import most
from recommendations.pipeline.etl.files import DatasetFile
from recommendations.pipeline.etl.reading import Row, ShopperRows, read_shoppers
from recommendations.pipeline.etl.report import DataReport, DatasetCounts
from recommendations.ports import DatasetType

BOT, UNLISTED, FEE, DOUBLED = "bot", "unlisted product", "fee line", "doubled event"
RETURNED = "purchase given back"
N_TOP_ITEMS, N_TOP_CATEGORIES = 20, 20
DAY_S = 86_400.0
PROGRESS_EVERY = 20_000

Paths = Mapping[DatasetType, Path]


class Exported(NamedTuple):
    """One row of the Interactions dataset, in the order of its columns."""

    shopper_key: str
    item_id: str
    timestamp: int
    event_type: str
    event_value: float | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the catalogue says of item ids.

    Attributes:
        category_of: category of each listed item.
        fees: ids of accounting lines.
    """

    category_of: Mapping[str, str]
    fees: frozenset[str]


@dataclass(slots=True)
class Tally:
    """What was written so far; bounded by the catalogue and the event types, whatever the number of rows."""

    event_types: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    bots: Counter[str] = field(default_factory=Counter)
    n_users: int = 0
    first_at: int | None = None
    last_at: int | None = None


def exported_types(rotation: Rotation) -> list[str]:
    """Return the event types that the rotation trains on: those with a weight above 0."""
    weights = {**EVENT_TYPES, **rotation.event_weights}
    return sorted(event_type for event_type, weight in weights.items() if weight > 0)


def export_datasets(
    rotation: Rotation,
    paths: Paths,
    *,
    since: datetime,
    until: datetime,
    archive: Place | None = None,
    progress: Progress = ignore_progress,
) -> DataReport:
    """Write Items, Interactions and Users of a window; each file is there whole or not at all.

    Left out, and counted: bots, products that are not listed, fee lines, an event of the same shopper, item, type and
    second as one before, purchases that were given back; and whatever does not fit its dataset's schema.

    Args:
        rotation: whose event types.
        paths: where each of the three datasets goes.
        since: interactions that happened later.
        until: interactions that were received no later.
        archive: read from there what it holds, and only what is newer from the store.
        progress: takes the share done, 0..1, and a note.
    """
    with ExitStack() as stack:
        files = {kind: stack.enter_context(DatasetFile(path, kind)) for kind, path in paths.items()}
        catalogue = _write_items(files[DatasetType.ITEMS])
        tally = Tally()
        wanted = frozenset(exported_types(rotation))
        read = sorted(wanted | {RETURN} if PURCHASE in wanted else wanted)
        shoppers = stack.enter_context(
            closing(read_shoppers(since=since, until=until, event_types=read, archive=archive))
        )
        kept = (_without_returns(shopper, wanted, files[DatasetType.INTERACTIONS]) for shopper in shoppers)
        _write_shoppers(kept, catalogue, files, tally, progress)
        counts = {kind.value: file.keep() for kind, file in files.items()}
    return _report(rotation, counts, catalogue, tally, since=since, until=until)


def _write_items(file: DatasetFile) -> Catalogue:
    category_of: dict[str, str] = {}
    fees = set()
    for item in items.catalogue_items():
        if item.is_fee:
            fees.add(item.item_id)
            file.drop(FEE)
        elif not item.is_listed:
            file.drop(UNLISTED)
        elif file.write([(item.item_id, *item.properties.values())]):
            category_of[item.item_id] = item.category
    return Catalogue(category_of, frozenset(fees))


def _write_shoppers(
    shoppers: Iterable[ShopperRows],
    catalogue: Catalogue,
    files: Mapping[DatasetType, DatasetFile],
    tally: Tally,
    progress: Progress,
) -> None:
    interactions, users = files[DatasetType.INTERACTIONS], files[DatasetType.USERS]
    next_note = PROGRESS_EVERY
    for shopper in shoppers:
        habit = _habit(shopper)
        if habit:
            interactions.drop(BOT, shopper.n_rows)
            tally.bots[habit] += 1
            continue
        written = interactions.write(_wanted(shopper.rows, catalogue, interactions))
        if written:
            users.write([_add(written, catalogue, tally)])
        if interactions.n_read >= next_note:
            next_note = interactions.n_read + PROGRESS_EVERY
            progress(0.5, f"{interactions.n_read:,} interactions read")


def _habit(shopper: ShopperRows) -> str:
    if shopper.n_rows > MAX_INTERACTIONS:
        return "volume"
    return why_bot([row.at_s for row in shopper.rows if row.event_type == VIEW])


def _without_returns(shopper: ShopperRows, wanted: frozenset[str], file: DatasetFile) -> ShopperRows:
    """The shopper's rows without purchases that were given back: each return takes its item's last one before it."""
    if all(row.event_type != RETURN for row in shopper.rows):
        return shopper
    bought: dict[str, list[int]] = {}
    gone: set[int] = set()
    for number, row in enumerate(shopper.rows):
        if row.event_type == PURCHASE:
            bought.setdefault(row.item_id, []).append(number)
        elif row.event_type == RETURN and bought.get(row.item_id):
            gone.add(bought[row.item_id].pop())
    if gone:
        file.drop(RETURNED, len(gone))
    rows = [row for n, row in enumerate(shopper.rows) if n not in gone and row.event_type in wanted]
    return shopper._replace(rows=rows, n_rows=shopper.n_rows - len(shopper.rows) + len(rows))


def _wanted(rows: Iterable[Row], catalogue: Catalogue, file: DatasetFile) -> list[Exported]:
    """Return one shopper's rows with listed products, each event once, as the dataset has them."""
    wanted: list[Exported] = []
    second, seen = -1, set[tuple[str, str]]()
    for shopper_key, item_id, at_s, event_type, event_value in rows:
        if item_id not in catalogue.category_of:
            file.drop(FEE if item_id in catalogue.fees else UNLISTED)
            continue
        timestamp = int(at_s // 1)
        if timestamp != second:
            second, seen = timestamp, set()
        elif (item_id, event_type) in seen:
            file.drop(DOUBLED)
            continue
        seen.add((item_id, event_type))
        wanted.append(Exported(shopper_key, item_id, timestamp, event_type, event_value))
    return wanted


def _add(written: list[Exported], catalogue: Catalogue, tally: Tally) -> tuple[str, str, str]:
    """Count one shopper's exported rows, and return the shopper's row of the Users dataset."""
    categories: Counter[str] = Counter()
    for row in written:
        tally.items[row.item_id] += 1
        tally.event_types[row.event_type] += 1
        categories[catalogue.category_of[row.item_id]] += 1
    first_at, last_at = written[0].timestamp, written[-1].timestamp
    tally.n_users += 1
    tally.first_at = first_at if tally.first_at is None else min(tally.first_at, first_at)
    tally.last_at = last_at if tally.last_at is None else max(tally.last_at, last_at)
    favourite = min(categories, key=lambda category: (-categories[category], category))
    return (written[0].shopper_key, f"{datetime.fromtimestamp(first_at, UTC):%Y-%m}", favourite)


def _report(
    rotation: Rotation,
    counts: Mapping[str, DatasetCounts],
    catalogue: Catalogue,
    tally: Tally,
    *,
    since: datetime,
    until: datetime,
) -> DataReport:
    categories: Counter[str] = Counter()
    for item_id, count in tally.items.items():
        categories[catalogue.category_of[item_id]] += count
    top_items = sorted(tally.items.items(), key=lambda pair: (-pair[1], pair[0]))[:N_TOP_ITEMS]
    return DataReport(
        window_days=round((until - since).total_seconds() / DAY_S, 3),
        window_start_at=since.isoformat(),
        watermark_at=until.isoformat(),
        first_at=tally.first_at,
        last_at=tally.last_at,
        wanted_types=tuple(exported_types(rotation)),
        datasets=counts,
        event_types=dict(sorted(tally.event_types.items())),
        n_users=tally.n_users,
        n_items=len(tally.items),
        n_listed=len(catalogue.category_of),
        n_bots=dict(sorted(tally.bots.items())),
        top_items=tuple(top_items),
        categories=most(categories, N_TOP_CATEGORIES),
    )
