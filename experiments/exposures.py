"""Exposures: which unit was really given which variation; a unit's first one in a phase counts, wherever it goes by."""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import cast

from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from experiments import conf
from experiments.assignment import Assignment
from experiments.models import Exposure, Phase, UnitLink, UnitTotals

logger = logging.getLogger(__name__)

MAX_ATTRIBUTES = 8
MAX_ATTRIBUTE_LENGTH = 40
# A page view by page view repetition is not worth a write; so often it is repeated all the same, lest one was lost.
REMEMBERED = 20_000
REMEMBERED_S = 600.0


@dataclass(frozen=True, slots=True)
class Exposed:
    """One exposure as it happened; `attributes` are what was known of the unit before it."""

    unit: str
    phase_id: int
    variation: str
    at: datetime
    is_forced: bool = False
    is_triggered: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


# Takes an exposure on its way and says whether it went; `settings.EXPOSURE_SINK` names another than `insert_now`.
ExposureSink = Callable[[Exposed], bool]

INSERT = """
INSERT INTO experiments_exposure AS held
    (phase_id, unit, is_forced, variation_id, first_at, is_crossover, is_merged, is_triggered, attributes, changed_in)
SELECT p.id, e.unit, e.is_forced, v.id, e.first_at, e.is_crossover, false, e.is_triggered, e.attributes::jsonb, 0
FROM unnest(%s::bigint[], %s::text[], %s::boolean[], %s::text[], %s::timestamptz[], %s::boolean[], %s::boolean[],
            %s::text[])
    AS e (phase_id, unit, is_forced, variation, first_at, is_crossover, is_triggered, attributes)
JOIN experiments_phase p ON p.id = e.phase_id
JOIN experiments_variation v ON v.experiment_id = p.experiment_id AND v.key = e.variation
ORDER BY p.id, e.unit, e.is_forced
ON CONFLICT (phase_id, unit, is_forced) DO UPDATE SET
    variation_id = CASE WHEN excluded.first_at < held.first_at THEN excluded.variation_id ELSE held.variation_id END,
    attributes = CASE WHEN excluded.first_at < held.first_at THEN excluded.attributes ELSE held.attributes END,
    first_at = LEAST(held.first_at, excluded.first_at),
    is_triggered = held.is_triggered OR excluded.is_triggered,
    is_crossover = held.is_crossover OR excluded.is_crossover OR held.variation_id <> excluded.variation_id
WHERE excluded.first_at < held.first_at
   OR (excluded.is_triggered AND NOT held.is_triggered)
   OR ((excluded.is_crossover OR held.variation_id <> excluded.variation_id) AND NOT held.is_crossover)
"""


class Memory:
    """What this process has passed on lately, so that a page view is no write; bounded in number and age."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def knows(self, key: tuple[object, ...]) -> bool:
        """Whether the key was passed on in the last ten minutes."""
        until_s = self._known.get(key)
        return until_s is not None and time.monotonic() < until_s

    def add(self, key: tuple[object, ...]) -> None:
        """Remember a key; the oldest makes room."""
        self._known[key] = time.monotonic() + REMEMBERED_S
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            try:
                self._known.popitem(last=False)
            except KeyError:  # Another thread was first.
                return

    def clear(self) -> None:
        """Forget everything; for tests."""
        self._known.clear()


memory = Memory()


def record(
    assignment: Assignment,
    unit: str,
    *,
    at: datetime,
    is_triggered: bool = True,
    attributes: Mapping[str, str] | None = None,
) -> bool:
    """Note that a unit was really given its variation; call it where the difference would be seen. Never raises.

    Only what a phase decided, and what was forced, leaves anything; the first of a unit and phase counts.

    Args:
        assignment: what `assign` answered.
        unit: what was randomised.
        at: when, aware.
        is_triggered: whether the variations really differ for this unit; False where both would show the same.
        attributes: what was known of the unit before, by name; at most eight of 40 characters are kept.

    Returns:
        Whether it went; False where there was nothing to note, where it was noted lately, or where the sink dropped it.
    """
    if assignment.phase_id is None or not unit or not (assignment.is_analysed or assignment.is_forced):
        return False
    key = (assignment.phase_id, unit, assignment.variation, assignment.is_forced, is_triggered)
    if memory.knows(key):
        return False
    exposed = Exposed(
        unit=unit,
        phase_id=assignment.phase_id,
        variation=assignment.variation,
        at=at,
        is_forced=assignment.is_forced,
        is_triggered=is_triggered,
        attributes=_shortened(attributes or {}),
    )
    try:
        has_gone = _sink(conf.exposure_sink())(exposed)
    except Exception:
        # The page matters more than its being counted.
        logger.exception("An exposure was not recorded.", extra={"code": "exposure_failed"})
        return False
    if has_gone:
        memory.add(key)
    return has_gone


def insert_now(exposed: Exposed) -> bool:
    """The sink of an app that stands alone: one statement, now. False where the database refused."""
    try:
        with transaction.atomic():
            insert([exposed])
    except DatabaseError:
        logger.warning("An exposure was not written.", exc_info=True, extra={"code": "exposure_failed"})
        return False
    return True


def insert(batch: Sequence[Exposed]) -> int:
    """Write exposures, each unit's first in its phase; repeating a batch changes nothing.

    A unit seen in a second variation is marked as crossover. Those of unknown phases or variations are left out.

    Args:
        batch: some thousand at most, in any order.

    Returns:
        How many rows are new or changed.

    Raises:
        OperationalError: the database is out of reach; repeat the whole batch.
    """
    firsts = _first_of_each(batch)
    if not firsts:
        return 0
    columns = zip(*((*key, *_columns(one, is_crossover)) for key, (one, is_crossover) in firsts.items()), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in columns])
        return int(cursor.rowcount)


def forget(units: Iterable[str]) -> int:
    """Erase units, and those linked to them: their exposures, their totals and the links themselves.

    They leave every sum at the next snapshot; results taken before stay, since they tell of nobody.

    Args:
        units: as they were given to `record`.

    Returns:
        How many exposures were erased.
    """
    wanted = {unit for unit in units if unit}
    if not wanted:
        return 0
    with transaction.atomic():
        heads = set(UnitLink.objects.filter(from_unit__in=wanted).values_list("to_unit", flat=True)) | wanted
        linked = UnitLink.objects.filter(to_unit__in=heads)
        everyone = heads | set(linked.values_list("from_unit", flat=True))
        # Named, so that the key's index serves: it begins with the phase.
        phases = list(Phase.objects.order_by().values_list("pk", flat=True))
        UnitTotals.objects.filter(phase_id__in=phases, unit__in=everyone).delete()
        n_erased, _ = Exposure.objects.filter(phase_id__in=phases, unit__in=everyone).delete()
        UnitLink.objects.filter(from_unit__in=everyone).delete()
    return n_erased


@lru_cache(maxsize=8)
def _sink(path: str) -> ExposureSink:
    return cast("ExposureSink", import_string(path))


def _shortened(attributes: Mapping[str, str]) -> dict[str, str]:
    kept = sorted(attributes.items())[:MAX_ATTRIBUTES]
    return {str(name)[:MAX_ATTRIBUTE_LENGTH]: str(value)[:MAX_ATTRIBUTE_LENGTH] for name, value in kept}


def _first_of_each(batch: Iterable[Exposed]) -> dict[tuple[int, str, bool], tuple[Exposed, bool]]:
    """Each unit's first exposure of the batch, and whether the batch has it in two variations."""
    firsts: dict[tuple[int, str, bool], tuple[Exposed, bool]] = {}
    for one in batch:
        key = (one.phase_id, one.unit, one.is_forced)
        if key not in firsts:
            firsts[key] = (one, False)
            continue
        held, is_crossover = firsts[key]
        first = min(held, one, key=lambda each: each.at)
        is_triggered = held.is_triggered or one.is_triggered
        firsts[key] = (replace(first, is_triggered=is_triggered), is_crossover or held.variation != one.variation)
    return firsts


def _columns(one: Exposed, is_crossover: bool) -> tuple[object, ...]:  # noqa: FBT001 - a pair, taken apart
    attributes = json.dumps(dict(one.attributes), ensure_ascii=False, sort_keys=True)
    return one.variation, one.at, is_crossover, one.is_triggered, attributes
