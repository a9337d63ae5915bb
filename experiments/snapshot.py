"""The process's copy of all flags and open phases: from PostgreSQL alone, reloaded every two seconds."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any

from django.contrib.auth import get_user_model
from django.db import Error, connections, router, transaction

from experiments.conf import MAX_TARGETED, SNAPSHOT_MAX_AGE_S
from experiments.eligibility import NEVER, IllegalRules, Rule, read_rules
from experiments.models import Flag, Status
from experiments.shares import are_weights_complete, freeze_weights
from experiments.states import (
    EMPTY,
    ExperimentValue,
    FlagState,
    HoldoutState,
    LayerState,
    PhaseState,
    Snapshot,
    VariationState,
)

logger = logging.getLogger(__name__)

# A snapshot older than this, of a process that nobody asked for a while, is not read while another thread reloads it.
READ_ON_AGE_S = 4.0
# How long a request waits for another thread's load: at the very first one, and where the snapshot is that old.
LOAD_WAIT_S = 1.0


class SnapshotStore:
    """Holds one snapshot, swapped by one assignment; at most one thread reloads, the others keep reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_failing = False
        self._loaded: Snapshot | None = None
        self._stale_at_s = 0.0
        self._too_old_at_s = 0.0

    def get(self) -> Snapshot:
        """The snapshot, reloaded when older than two seconds. Never raises for a database that is down."""
        loaded, now_s = self._loaded, time.monotonic()
        # Not waited for: a snapshot young enough to read on, and a database that is known to be down.
        may_read_on = loaded is not None and (now_s < self._too_old_at_s or self._is_failing)
        if loaded is not None and may_read_on and now_s < self._stale_at_s:
            return loaded
        if self._lock.acquire(timeout=0.0 if may_read_on else LOAD_WAIT_S):
            try:
                if time.monotonic() >= self._stale_at_s:
                    self._reload()
            finally:
                self._lock.release()
        return self._loaded or EMPTY

    def expire(self) -> None:
        """Reload at the next reading."""
        self._stale_at_s = 0.0

    def reset(self) -> None:
        """Forget everything, as a fresh process would."""
        self._loaded, self._stale_at_s, self._too_old_at_s, self._is_failing = None, 0.0, 0.0, False

    def _reload(self) -> None:
        # Set before reading: what is committed and expired meanwhile must not be taken for known.
        began_s = time.monotonic()
        self._stale_at_s = began_s + SNAPSHOT_MAX_AGE_S
        try:
            self._loaded = load_snapshot()
            self._too_old_at_s = began_s + READ_ON_AGE_S
        except Error as error:
            # The age is kept, so that a database that is down costs one request in two seconds, not each.
            if not self._is_failing:
                logger.warning(
                    "Flags cannot be reloaded; the last known ones serve.",
                    extra={"code": "snapshot_stale"},
                    exc_info=error,
                )
            self._is_failing = True
        else:
            if self._is_failing:
                logger.info("Flags are reloaded again.")
            self._is_failing = False


def load_snapshot() -> Snapshot:
    """Read all flags with their experiments and open phases: one query, and one more where groups are named.

    Raises:
        django.db.Error: The database does not answer.
    """
    using = router.db_for_read(Flag) or "default"
    # Inside the caller's transaction a failed reading must not spoil it.
    guard = transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()
    with guard:
        rows: list[Any] = list(Flag.objects.using(using).with_experiments().order_by("pk"))
        members = _find_members([row for row in rows if row.targeted_groups], using)
    flags = {row.name: _build_flag(row, members.get(row.pk, ())) for row in rows}
    return Snapshot(
        flags=MappingProxyType(flags),
        experiments=MappingProxyType(
            {state.experiment.key: state for state in flags.values() if state.experiment is not None}
        ),
        # The same on every row, read in the one statement so that no two parts are of different moments.
        holdouts=tuple(HoldoutState(**stored) for stored in rows[0].holdouts) if rows else (),
    )


def _find_members(rows: list[Any], using: str) -> dict[int, list[Any]]:
    """Users behind the groups that these flags name, at most MAX_TARGETED."""
    members: dict[int, list[Any]] = {}
    if not rows:
        return members
    pairs = (
        get_user_model()
        .objects.using(using)
        .filter(groups__flag__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("groups__flag", "pk")[: MAX_TARGETED + 1]
    )
    for flag_id, user_id in pairs:
        members.setdefault(flag_id, []).append(user_id)
    if sum(map(len, members.values())) > MAX_TARGETED:
        logger.warning(
            "Flags name groups of too many people; the rest are not targeted. Ramp a phase instead.",
            extra={"code": "too_many_targeted", "limit": MAX_TARGETED},
        )
    return members


def _build_flag(row: Any, member_ids: Iterable[Any]) -> FlagState:
    return FlagState(
        id=row.pk,
        name=row.name,
        modified=row.modified,
        everyone=row.everyone,
        is_for_authenticated=row.authenticated,
        is_for_staff=row.staff,
        user_ids=frozenset(row.targeted_users).union(member_ids),
        experiment=_build_experiment(row),
    )


def _build_experiment(row: Any) -> ExperimentValue | None:
    """The flag's experiment, or None where it has none or has not both a control and something to compare."""
    by_id: dict[int, VariationState] = {
        stored["id"]: VariationState(
            key=stored["key"], payload=MappingProxyType(stored["payload"]), is_control=stored["is_control"]
        )
        for stored in row.variations
    }
    control = next((variation for variation in by_id.values() if variation.is_control), None)
    featured = next((variation for variation in by_id.values() if not variation.is_control), None)
    if row.experiment_key is None or control is None or featured is None:
        return None
    variations = {variation.key: variation for variation in by_id.values()}
    return ExperimentValue(
        key=row.experiment_key,
        control=control,
        featured=by_id.get(row.shipped_id, featured),
        variations=MappingProxyType(variations),
        phase=_build_phase(row, variations),
        design=row.experiment_design,
        rules=_build_rules(row),
        layer=LayerState(row.layer_key, row.layer_salt, row.layer_start or 0, row.layer_stop or 0)
        if row.layer_salt is not None
        else None,
    )


def _build_rules(row: Any) -> tuple[Rule, ...]:
    """Who may take part; nobody where the stored rules cannot be read."""
    try:
        return read_rules(row.eligibility)
    except IllegalRules as error:
        logger.error(
            "An experiment's eligibility cannot be read; nobody is eligible.",
            extra={"experiment": row.experiment_key, "code": error.code},
        )
        return NEVER


def _build_phase(row: Any, variations: Mapping[str, VariationState]) -> PhaseState | None:
    """The open phase, or None: also where its weights cannot decide for everybody, since off is the safe answer."""
    if row.phase_id is None or row.experiment_status == Status.SCHEDULED:
        return None
    if not are_weights_complete(row.phase_weights_bp, variations):
        logger.error(
            "A phase's weights do not fit its variations; it is off.", extra={"experiment": row.experiment_key}
        )
        return None
    return PhaseState(
        id=row.phase_id,
        number=row.phase_number,
        coverage_bp=row.phase_coverage_bp,
        salt=row.phase_salt,
        weights_bp=freeze_weights(row.phase_weights_bp),
    )


_store = SnapshotStore()


def get_snapshot() -> Snapshot:
    """The snapshot of this process, at most two seconds old while the database answers."""
    return _store.get()


def expire_snapshot() -> None:
    """Make this process reload at its next reading."""
    _store.expire()


def reset_snapshot() -> None:
    """Forget what this process knows; for tests, and for a process that has just forked."""
    _store.reset()
