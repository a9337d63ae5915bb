"""PURE steps of a ramp: the share that sees the feature at each, how long, with how many units, and who must agree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from experiments.shares import find_coverage, format_percent

DEFAULT_SEEN_BP = (100, 250, 750, 1500, 3000)
DEFAULT_HOURS = 24.0
MAX_STEPS = 20
MAX_HOURS = 24.0 * 90
MAX_MIN_UNITS = 10_000_000
FIELDS = frozenset({"seen_bp", "hours", "min_units", "needs_approval"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `seen_bp` is the share of all units that sees the feature and `coverage_bp` the share in the test; `hours` how long
    it lasts at least; `min_units` how many units each variation must have before the next one, None for computed;
    `needs_approval`: it is entered only once a person has approved it.
    """

    seen_bp: int
    coverage_bp: int
    hours: float = DEFAULT_HOURS
    min_units: int | None = None
    needs_approval: bool = False


def find_default_steps(featured_bp: int) -> list[dict[str, Any]]:
    """The usual steps, as an experiment stores them: those that these weights allow, at least one.

    Args:
        featured_bp: Weight of all variations but control, 1..10,000.
    """
    seen = [share_bp for share_bp in DEFAULT_SEEN_BP if share_bp <= featured_bp] or [featured_bp]
    return [
        {"seen_bp": share_bp, "hours": DEFAULT_HOURS, "min_units": None, "needs_approval": False} for share_bp in seen
    ]


def find_step_faults(stored: Any, featured_bp: int) -> list[str]:
    """What is wrong with stored steps, each with its fix; none for no steps at all, which means the usual ones."""
    if not isinstance(stored, list):
        return ["steps is not a list. Give a list of steps, or an empty one for the usual steps."]
    if len(stored) > MAX_STEPS:
        return [f"steps has {len(stored)} entries. Give at most {MAX_STEPS}."]
    faults = [fault for place, step in enumerate(stored, 1) for fault in _find_faults(place, step, featured_bp)]
    if not faults:
        shares = [step["seen_bp"] for step in stored]
        if any(later <= earlier for earlier, later in pairwise(shares)):
            told = ", ".join(map(format_percent, shares))
            faults.append(f"The steps' shares are {told}. Let each step show it to more than the one before.")
    return faults


def read_steps(stored: Sequence[Mapping[str, Any]], featured_bp: int) -> tuple[Step, ...]:
    """Steps as values, the usual ones where none are stored.

    Args:
        stored: As an experiment stores them, or as a frozen plan does: with the coverage of each.
        featured_bp: Weight of all variations but control, which gives the others their coverage.
    """
    return tuple(
        Step(
            seen_bp=step["seen_bp"],
            coverage_bp=step.get("coverage_bp") or find_coverage(step["seen_bp"], featured_bp),
            hours=float(step.get("hours", DEFAULT_HOURS)),
            min_units=step.get("min_units"),
            needs_approval=bool(step.get("needs_approval", False)),
        )
        for step in stored or find_default_steps(featured_bp)
    )


def freeze_steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as JSON with their coverage, so that later weights do not move it."""
    return [asdict(step) for step in steps]


def find_place(steps: Sequence[Step], coverage_bp: int) -> int:
    """Which step a coverage belongs to, from 0: the last one that does not go beyond it."""
    reached = [place for place, step in enumerate(steps) if step.coverage_bp <= coverage_bp]
    return reached[-1] if reached else 0


def _find_faults(place: int, step: Any, featured_bp: int) -> list[str]:
    if not isinstance(step, Mapping):
        return [f"Step {place} is not an object. Give seen_bp, hours, min_units and needs_approval."]
    faults = []
    unknown = sorted(set(step) - FIELDS)
    if unknown:
        faults.append(f"Step {place} has unknown fields {unknown}. Use only {sorted(FIELDS)}.")
    if not _is_whole(step.get("seen_bp"), 1, featured_bp):
        most = format_percent(featured_bp)
        faults.append(
            f"Step {place}: seen_bp == {step.get('seen_bp')!r}. Give basis points from 1 to {featured_bp}; with these "
            f"weights at most {most} can see it."
        )
    if not _is_number(step.get("hours", DEFAULT_HOURS), MAX_HOURS):
        faults.append(f"Step {place}: hours == {step.get('hours')!r}. Give a number from 0 to {MAX_HOURS:g}.")
    if step.get("min_units") is not None and not _is_whole(step["min_units"], 0, MAX_MIN_UNITS):
        faults.append(
            f"Step {place}: min_units == {step['min_units']!r}. Give a whole number up to {MAX_MIN_UNITS:,}, or null "
            "to have it computed."
        )
    if not isinstance(step.get("needs_approval", False), bool):
        faults.append(f"Step {place}: needs_approval == {step['needs_approval']!r}. Give true or false.")
    return faults


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any, most: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= most
