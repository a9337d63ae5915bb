"""A run's record, line by line: what people asked, what its steps did, when it swapped, was rolled back or deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recommendations.models import RetrainAction, RetrainRun, StepAttempt, Swap


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `who` is a person, or the process that held the run."""

    at: datetime
    what: str
    note: str
    who: str


def describe_record(
    run: RetrainRun, attempts: Sequence[StepAttempt], actions: Sequence[RetrainAction], swap: Swap | None
) -> tuple[Entry, ...]:
    """Return all that is kept of a run, oldest first.

    Args:
        run: the run.
        attempts: of its steps.
        actions: what people asked of it.
        swap: the move that brought it live, where there is one.
    """
    entries = [Entry(each.at, f"{each.step} {each.event}", each.note, _say_holder(each.holder)) for each in attempts]
    entries += [Entry(each.at, each.get_kind_display(), each.reason, each.actor) for each in actions]
    if run.night_at is not None:
        entries.append(Entry(run.created_at, "Begun", f"by the night of {run.night_at:%-d %b %Y}", ""))
    if swap is not None:
        origin = swap.get_from_colour_display() if swap.from_colour else "nothing"
        entries.append(Entry(swap.at, "Pointer moved", f"{origin} → {swap.get_to_colour_display()}", ""))
    if run.torn_down_at is not None:
        entries.append(Entry(run.torn_down_at, "Deleted", run.resource_name, ""))
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _say_holder(holder: str) -> str:
    """Return the process of a holder as `leases.current_holder` spells it."""
    _, _, rest = holder.partition("|")
    return f"process {rest.partition('|')[0]}" if rest else holder
