"""PURE table of an experiment's life: which status may follow which, and what may be asked for in each."""

from collections.abc import Mapping
from types import MappingProxyType

# The database refuses the same: a trigger holds a copy of this table, and a test compares the two.
LEGAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "draft": frozenset({"scheduled", "running", "shipped"}),
        "scheduled": frozenset({"draft", "running"}),
        "running": frozenset({"held", "rolled_back", "completed"}),
        "held": frozenset({"running", "rolled_back", "completed"}),
        # Back to shipped only where no phase waits: a shipped feature that was switched off for a while.
        "rolled_back": frozenset({"running", "completed", "shipped", "draft"}),
        "completed": frozenset({"shipped", "draft"}),
        "shipped": frozenset({"rolled_back", "draft"}),
    }
)

# Services of `experiments.ramp` by the statuses that they accept; all end in one or more legal transitions.
ACCEPTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "schedule": frozenset({"draft", "scheduled"}),
        "start": frozenset({"draft", "scheduled"}),
        "set_coverage": frozenset({"running", "held"}),
        "ramp_to": frozenset(LEGAL),
        "approve_step": frozenset({"running", "held"}),
        "hold": frozenset({"running"}),
        "resume": frozenset({"held"}),
        "roll_back": frozenset(LEGAL),
        "reopen": frozenset({"rolled_back"}),
        "complete": frozenset({"running", "held", "rolled_back"}),
        "ship": frozenset({"draft", "completed", "rolled_back", "shipped"}),
        "stop": frozenset({"scheduled", "running", "held", "rolled_back", "completed", "shipped"}),
    }
)


def is_legal(old: str, new: str) -> bool:
    """Whether a status may follow another; staying is no transition and always allowed.

    Args:
        old: The present status.
        new: The one asked for.
    """
    return old == new or new in LEGAL.get(old, frozenset())


def find_services(status: str) -> tuple[str, ...]:
    """Names of the services that accept an experiment of this status, in the order of its life."""
    return tuple(name for name, statuses in ACCEPTED.items() if status in statuses)
