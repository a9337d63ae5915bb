"""What the project tells of its units: facts that metrics are made of, as SQL that the analysis sums in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from django.utils.module_loading import import_string

from experiments import conf

if TYPE_CHECKING:
    from experiments.metrics import MetricDefinition


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that units do or that happens to them: each occurrence has a unit, a time and a value.

    Attributes:
        key: what metrics name it by.
        description: a sentence for whoever makes a metric of it.
        is_early: whether it is known of units before their exposure too, so that it can be a covariate.
        is_of_phase: whether it is told only of what the analysed phase itself put on the page, so that an experiment
            which shows nothing of its own has none.
    """

    key: str
    description: str
    is_early: bool = False
    is_of_phase: bool = False


@dataclass(frozen=True, slots=True)
class Sql:
    """A SELECT and its parameters, in psycopg's spelling."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Facts that stand side by side in one table of the project.

    Attributes:
        facts: keys; each fact stands in one table only.
        sql: a SELECT of (unit text, at timestamptz, v0, v1, ... double precision): in the order of the facts what the
            row is worth to each, or NULL.
    """

    facts: tuple[str, ...]
    sql: Sql


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts a SELECT must tell.

    Attributes:
        phase_id: the phase that is analysed, for facts that depend on what it showed.
        facts: keys; a row's `fact` is a position in this tuple.
        since, until: times of the facts, from and below.
        keys: a relation with a column `key`, of the only units wanted; "" for all. There it is worth an index.
    """

    phase_id: int
    facts: tuple[str, ...]
    since: datetime
    until: datetime
    keys: str = ""


@dataclass(frozen=True, slots=True)
class RowHealth:
    """How what the experiment shows was served: lists, those that failed, those a fallback gave, and how fast.

    `slow` counts lists that took longer than the limit that was asked about.
    """

    n: int
    errors: int
    fallback: int
    p95_ms: float | None
    slow: int = 0


class MetricSource(Protocol):
    """Implemented by the project; `settings.EXPERIMENT_METRIC_SOURCE` names one, or what makes one."""

    def list_facts(self) -> Sequence[Fact]:
        """All facts, in any order."""
        ...

    def list_metrics(self) -> "Sequence[MetricDefinition]":
        """The metrics declared in code."""
        ...

    def select_facts(self, wanted: Wanted) -> Sql:
        """A SELECT of (unit text, at timestamptz, fact integer, value double precision), a row an occurrence.

        It must tell the same whenever it is asked about a time that is complete. Occurrences of other units may be
        among them; they are left out.
        """
        ...

    def find_complete_until(self, now: datetime) -> datetime | None:
        """Up to when no fact or exposure is on its way any more; None while nobody can say."""
        ...

    def find_slack_s(self) -> float:
        """How much later than `find_complete_until` says a straggler may still come, in seconds of the world."""
        ...

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float, /
    ) -> Mapping[str, RowHealth]:
        """By variation, of what the phase itself showed in that time; slow is what took more than `slow_ms`."""
        ...


@runtime_checkable
class TableSource(Protocol):
    """A source that can tell the same facts table by table: read once and not unfolded, millions of rows cost less."""

    def select_tables(self, wanted: Wanted) -> Sequence[Table]:
        """What `MetricSource.select_facts` tells, side by side; a table without a wanted fact is left out."""
        ...


@dataclass(frozen=True, slots=True)
class NoSource:
    """An app without facts: it still counts who was exposed to what."""

    facts: tuple[Fact, ...] = field(default=())

    def list_facts(self) -> Sequence[Fact]:
        return self.facts

    def list_metrics(self) -> "Sequence[MetricDefinition]":
        return ()

    def select_facts(self, wanted: Wanted) -> Sql:  # noqa: ARG002 - the protocol's
        return Sql("SELECT ''::text AS unit, NULL::timestamptz AS at, 0 AS fact, 0::float8 AS value WHERE false")

    def find_complete_until(self, now: datetime) -> datetime | None:
        return now

    def find_slack_s(self) -> float:
        return 0.0

    def read_row_health(
        self, _phase_id: int, _since: datetime, _until: datetime, _slow_ms: float
    ) -> Mapping[str, RowHealth]:
        return {}


def select_tables(source: MetricSource, wanted: Wanted) -> Sequence[Table]:
    """The facts table by table; of a source that cannot tell them so, as one table."""
    if isinstance(source, TableSource):
        return source.select_tables(wanted)
    found = source.select_facts(wanted)
    values = "".join(f", CASE WHEN f.fact = {place} THEN f.value END AS v{place}" for place in range(len(wanted.facts)))
    text = f"SELECT f.unit, f.at{values} FROM ({found.text}) f"  # noqa: S608 - built of places
    return [Table(wanted.facts, Sql(text, found.params))] if wanted.facts else []


def metric_source() -> MetricSource:
    """The project's source, or one without facts."""
    path = conf.metric_source()
    return _load(path) if path else NoSource()


@lru_cache(maxsize=8)
def _load(path: str) -> MetricSource:
    found = import_string(path)
    return cast("MetricSource", found() if callable(found) else found)
