"""Monthly partitions of interactions, lists, impressions and page views, bounded by the UUIDv7 of their months."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from recommendations import conf
from recommendations.events import ids
from recommendations.exceptions import InvalidInput

TABLES = (
    "recommendations_interaction",
    "recommendations_recommendationserved",
    "recommendations_impression",
    "recommendations_pageserved",
)
# Chosen once: whoever makes or detaches partitions holds this advisory lock.
LOCK = 7_310_052_417
MONTHS_BACK = 24
MONTHS_AHEAD = 1
MAX_MONTHS = 1200
SUFFIX = re.compile(r"_y(\d{4})m(\d{2})$")

Month = tuple[int, int]


def ensure_partitions(start: datetime, end: datetime) -> list[str]:
    """Make the partitions of every month from start to end that are missing, for all four tables.

    Reading and writing go on meanwhile: a partition is made apart and then attached.

    Args:
        start: aware; its month is the first.
        end: aware; its month is the last.

    Returns:
        The names of those made.

    Raises:
        InvalidInput: end lies before start, or more than a hundred years after it.
    """
    first, last = _month(start), _month(end)
    n_months = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    if not 1 <= n_months <= MAX_MONTHS:
        raise InvalidInput(f"start == {start:%Y-%m}, end == {end:%Y-%m}: give 1 to {MAX_MONTHS} months, oldest first.")
    return _make(_plus(first, n) for n in range(n_months))


def ensure_current() -> list[str]:
    """Make this month's partitions and the next one's."""
    month = _month(conf.now())
    return _make(_plus(month, n) for n in range(MONTHS_AHEAD + 1))


def current_month() -> Month:
    """The world's month, in UTC."""
    return _month(conf.now())


def ensure_for(identifiers: Iterable[UUID]) -> set[Month]:
    """Make the partitions these ids belong in, as far as their months are credible.

    Returns:
        The months that have partitions; an id of another month is more than 24 months old or from the future.
    """
    now = _month(conf.now())
    months = {month_of(identifier) for identifier in identifiers}
    credible = {month for month in months if _plus(now, -MONTHS_BACK) <= month <= _plus(now, MONTHS_AHEAD)}
    _make(sorted(credible))
    # Imports make partitions of any age; what they made is as good.
    others = {_name(TABLES[0], month): month for month in months - credible}
    return credible | ({others[name] for name in _existing(set(others))} if others else set())


def month_of(identifier: UUID) -> Month:
    """The year and month of a UUIDv7."""
    return _month(ids.time_of(identifier))


def drop_expired() -> list[str]:
    """Delete the months that are kept no longer, as `RETENTION_MONTHS` says.

    Returns:
        The names of the partitions deleted.
    """
    return detach_before(conf.retention_months(), drop=True)


def detach_before(retention_months: int, *, drop: bool = False) -> list[str]:
    """Detach the partitions of months that ended more than `retention_months` ago.

    Args:
        retention_months: at least 1; the current month never counts.
        drop: also delete them and what they hold.

    Returns:
        The names of those detached.

    Raises:
        InvalidInput: retention_months is below 1.
    """
    if retention_months < 1:
        raise InvalidInput(f"retention_months == {retention_months}, must be >= 1.")
    oldest_kept = _plus(_month(conf.now()), -retention_months)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor)
        old = [(table, name) for table, name, month in _attached(cursor) if month < oldest_kept]
        for table, name in old:
            cursor.execute(f"ALTER TABLE {_quoted(table)} DETACH PARTITION {_quoted(name)}")
            if drop:
                cursor.execute(f"DROP TABLE {_quoted(name)}")
    return [name for _, name in old]


def _make(months: Iterable[Month]) -> list[str]:
    wanted = {_name(table, month): (table, month) for month in months for table in TABLES}
    missing = sorted(set(wanted) - _existing(set(wanted)))
    if not missing:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor)
        # Another process may have made some while this one waited for the lock.
        missing = sorted(set(missing) - _existing(set(missing)))
        for name in missing:
            table, month = wanted[name]
            _create(cursor, table, name, month)
    return missing


def _create(cursor: CursorWrapper, table: str, name: str, month: Month) -> None:
    """Attaching takes a lock that lets readers and writers go on; `CREATE TABLE .. PARTITION OF` would not."""
    low, high = ids.floor_for(_start(month)), ids.floor_for(_start(_plus(month, 1)))
    cursor.execute(f"CREATE TABLE {_quoted(name)} (LIKE {_quoted(table)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(
        f"ALTER TABLE {_quoted(table)} ATTACH PARTITION {_quoted(name)} FOR VALUES FROM ('{low}') TO ('{high}')"
    )


def _existing(names: set[str]) -> set[str]:
    """Which of these are attached partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid)",
            [sorted(names)],
        )
        return {name for (name,) in cursor.fetchall()}


def _attached(cursor: CursorWrapper) -> list[tuple[str, str, Month]]:
    """Every attached partition that bears a month's name, oldest first: its table, its name, its month."""
    cursor.execute(
        "SELECT p.relname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = ANY(%s) AND pg_table_is_visible(p.oid)"
        " ORDER BY c.relname",
        [list(TABLES)],
    )
    found = []
    for table, name in cursor.fetchall():
        if suffix := SUFFIX.search(name):
            found.append((table, name, (int(suffix[1]), int(suffix[2]))))
    return found


def _lock(cursor: CursorWrapper) -> None:
    cursor.execute("SET LOCAL lock_timeout = '5s'")
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _name(table: str, month: Month) -> str:
    return f"{table}_y{month[0]:04}m{month[1]:02}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _month(moment: datetime) -> Month:
    utc = moment.astimezone(UTC)
    return utc.year, utc.month


def _plus(month: Month, n: int) -> Month:
    index = month[0] * 12 + month[1] - 1 + n
    return index // 12, index % 12 + 1


def _start(month: Month) -> datetime:
    return datetime(month[0], month[1], 1, tzinfo=UTC)
