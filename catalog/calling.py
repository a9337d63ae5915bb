"""Calls of the market's functions: one round trip of a statement that each connection prepares once."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.numeric import Int4, Int8

Parameter = Int4 | Int8 | str | bytes | datetime | UUID | None

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Whoever waits for a book's lock must then see what the one before wrote, whatever the connection's own level.
BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_names: WeakKeyDictionary[Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def call_market(function: str, *parameters: Parameter) -> Any:
    """What a function of the market returns; without an open transaction the call is one of its own.

    A cursor would cost as much as the database itself takes for an order: here a call is its parameters in binary, a
    statement's name, and one round trip. Where somebody logs or counts queries, it goes through a
    cursor.

    Args:
        function: its name; one function has one number of parameters.
        parameters: whole numbers as `Int4` or `Int8`, as the function has them.

    Returns:
        A whole number, a text (jsonb's as well), or None.

    Raises:
        django.db.DatabaseError: as any query.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    wrapper.validate_no_broken_transaction()
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    # Where psycopg prepares statements itself it drops all of a connection's, ours as well, whenever it thinks fit.
    if wrapper.queries_logged or wrapper.execute_wrappers or wrapper.connection.prepare_threshold is not None:
        with wrapper.cursor() as cursor:
            cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(parameters))})", parameters)
            return cursor.fetchone()[0]
    with wrapper.wrap_database_errors:
        return _call(wrapper.connection, function, parameters)


def forget_prepared(connection: Connection[Any]) -> None:
    """Prepare anew from now on, after `DEALLOCATE ALL`."""
    _names.pop(connection, None)


def _call(connection: Connection[Any], function: str, parameters: tuple[Parameter, ...]) -> Any:
    pgconn = connection.pgconn
    if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
        _checked(pgconn, pgconn.exec_(BEGIN))
    names = _names.get(connection)
    if names is None:
        names = _names[connection] = {}
    name = names.get(function)
    if name is None:
        name = function.encode()
        _checked(pgconn, pgconn.prepare(name, _statement(function, len(parameters))))
        names[function] = name
    sent: list[Any] = [None if value is None else _WRITERS[type(value)](value) for value in parameters]
    result = _checked(pgconn, pgconn.exec_prepared(name, sent, [_FORMATS[type(value)] for value in parameters]))
    told = result.get_value(0, 0)
    if told is None:
        return None
    return int(told) if result.ftype(0) in _WHOLE else told.decode()


def _checked(pgconn: PGconn, result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    if pgconn.status == ConnStatus.BAD:
        raise OperationalError(f"the connection is lost: {pgconn.get_error_message()}")
    raise error_from_result(result)


@lru_cache(maxsize=32)
def _statement(function: str, n_parameters: int) -> bytes:
    return f"SELECT {function}({', '.join(f'${number}' for number in range(1, n_parameters + 1))})".encode()


def _write_moment(moment: datetime) -> bytes:
    since = moment - EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds).to_bytes(8, "big", signed=True)


# PostgreSQL's binary forms; a text stands for whatever the function takes there, a composite as well.
_WRITERS: dict[type, Callable[[Any], bytes]] = {
    Int4: lambda number: number.to_bytes(4, "big", signed=True),
    Int8: lambda number: number.to_bytes(8, "big", signed=True),
    str: str.encode,
    bytes: bytes,
    datetime: _write_moment,
    UUID: lambda key: key.bytes,
    type(None): lambda _none: b"",
}
_FORMATS = {kind: int(kind is not str) for kind in _WRITERS}
# The types int8 and int4.
_WHOLE = frozenset({20, 23})
