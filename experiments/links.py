"""Two units that turned out to be one, for example a device and the account that signed in on it."""

from collections.abc import Collection
from datetime import datetime

from django.db import connections, router, transaction
from django.db.models import Count, Q

from experiments.crossover import CrossoverShare
from experiments.models import Exposure, UnitLink

_FIND = """
    SELECT exposure.*, link.to_unit FROM experiments_exposure exposure
    JOIN experiments_unitlink link ON link.from_unit = exposure.unit
    WHERE NOT exposure.is_merged AND NOT exposure.is_forced
    AND (%(phase_id)s::bigint IS NULL OR exposure.phase_id = %(phase_id)s)
    AND (%(from_unit)s::text IS NULL OR link.from_unit = %(from_unit)s)
"""
# The account's own exposure is kept; only where it has none does it take over its device's first one.
_TAKE_OVER = f"""
    INSERT INTO experiments_exposure
        (phase_id, unit, is_forced, variation_id, first_at, is_crossover, is_merged, is_triggered, attributes,
        changed_in)
    SELECT DISTINCT ON (phase_id, to_unit)
        phase_id, to_unit, false, variation_id, first_at, is_crossover, false, is_triggered, attributes, 0
    FROM ({_FIND}) found ORDER BY phase_id, to_unit, first_at
    ON CONFLICT DO NOTHING
"""  # noqa: S608
_KEEP = f"""
    UPDATE experiments_exposure kept SET
        first_at = least(kept.first_at, earliest.first_at),
        attributes = CASE WHEN earliest.first_at < kept.first_at THEN earliest.attributes ELSE kept.attributes END,
        is_triggered = kept.is_triggered OR merged.is_triggered,
        is_crossover = kept.is_crossover OR merged.is_crossover OR merged.n_variations > 1
            OR earliest.variation_id <> kept.variation_id
    FROM (
        SELECT phase_id, to_unit, bool_or(is_triggered) AS is_triggered, bool_or(is_crossover) AS is_crossover,
            count(DISTINCT variation_id) AS n_variations
        FROM ({_FIND}) found GROUP BY phase_id, to_unit
    ) merged
    JOIN (
        SELECT DISTINCT ON (phase_id, to_unit) phase_id, to_unit, variation_id, first_at, attributes
        FROM ({_FIND}) found ORDER BY phase_id, to_unit, first_at
    ) earliest USING (phase_id, to_unit)
    WHERE kept.phase_id = merged.phase_id AND kept.unit = merged.to_unit AND NOT kept.is_forced
"""  # noqa: S608
_MARK = f"""
    UPDATE experiments_exposure exposure SET
        is_merged = true, is_crossover = exposure.is_crossover OR exposure.variation_id <> kept.variation_id
    FROM ({_FIND}) found
    JOIN experiments_exposure kept
        ON kept.phase_id = found.phase_id AND kept.unit = found.to_unit AND NOT kept.is_forced
    WHERE exposure.phase_id = found.phase_id AND exposure.unit = found.unit AND NOT exposure.is_forced
"""  # noqa: S608


def link_units(*, from_unit: str, to_unit: str, at: datetime) -> bool:
    """Record that a device's unit is an account's, and count what the device saw under the account.

    The account's variation is kept. In each phase where the device was exposed, its exposure becomes the account's if
    the account has none; the two are merged when they agree, and both are marked as a crossover when they differ, so
    that this shopper is left out of the results.

    Args:
        from_unit: The device's unit before it signed in; it belongs to no account.
        to_unit: The account's unit, which decides from here on.
        at: When, aware.

    Returns:
        Whether the link is new; False for one that exists, for a unit that is linked elsewhere, and for itself.

    Raises:
        ValueError: A unit is empty.
    """
    if not from_unit or not to_unit:
        raise ValueError("from_unit and to_unit must both name a unit.")
    if not _write_link(from_unit, to_unit, at):
        return False
    # Apart, so that the link stands even where this fails; `settle` does the same later.
    _merge(phase_id=None, from_unit=from_unit)
    return True


def settle(phase_id: int) -> int:
    """Merge the exposures of linked units that arrived after their link; safe to repeat.

    Args:
        phase_id: The phase to look through.

    Returns:
        How many exposures were merged.
    """
    return _merge(phase_id=phase_id, from_unit=None)


def resolve_units(units: Collection[str]) -> dict[str, str]:
    """The account's unit of each of these that is linked; the others are missing."""
    return dict(UnitLink.objects.filter(from_unit__in=units).values_list("from_unit", "to_unit"))


def crossover_share(phase_id: int) -> CrossoverShare:
    """Count a phase's units and those seen in two variations; linked units count as one."""
    units = Exposure.objects.filter(phase_id=phase_id, is_forced=False, is_merged=False)
    return CrossoverShare(
        **units.aggregate(n_units=Count("unit"), n_crossover=Count("unit", filter=Q(is_crossover=True)))
    )


def _write_link(from_unit: str, to_unit: str, at: datetime) -> bool:
    """Keep links one step long, so that following one never needs a second look."""
    using = router.db_for_write(UnitLink)
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            # Two links at once could make a chain or a ring between them.
            cursor.execute("LOCK TABLE experiments_unitlink IN SHARE ROW EXCLUSIVE MODE")
        to_unit = resolve_units([to_unit]).get(to_unit, to_unit)
        if to_unit == from_unit or UnitLink.objects.filter(from_unit=from_unit).exists():
            return False
        UnitLink.objects.filter(to_unit=from_unit).update(to_unit=to_unit)
        UnitLink.objects.create(from_unit=from_unit, to_unit=to_unit, linked_at=at)
    return True


def _merge(*, phase_id: int | None, from_unit: str | None) -> int:
    using = router.db_for_write(Exposure)
    bounds = {"phase_id": phase_id, "from_unit": from_unit}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        # All three must see the same exposures: what is inserted meanwhile waits for the next time.
        cursor.execute(f"{_FIND} ORDER BY phase_id, unit FOR UPDATE OF exposure", bounds)
        if not cursor.rowcount:
            return 0
        for statement in (_TAKE_OVER, _KEEP, _MARK):
            cursor.execute(statement, bounds)
        return int(cursor.rowcount)
