"""Ends of phases on a change that has begun: rolled back, completed, made a draft again."""

from experiments import lifecycle
from experiments.bucketing import BUCKETS
from experiments.changes import Change
from experiments.exceptions import IllegalRamp
from experiments.layers import release_slots
from experiments.models import RampAction, RampChange, Status

# What the ramp controller writes as the code of a roll-back by a comparative guardrail.
GUARDRAIL = "guardrail"
SHARE_ZERO = "A share of 0 shows it to nobody: roll it back instead, which keeps it there and says so, or hold it."


def roll_back(change: Change) -> RampChange:
    """Coverage 0 and the flag off, in the change's transaction."""
    if lifecycle.is_legal(change.old_status, Status.ROLLED_BACK):
        change.move(Status.ROLLED_BACK)
        if change.phase is not None:
            change.set_coverage(0, step=0, approved_step=0)
    return change.record(RampAction.ROLL_BACK)


def complete(change: Change) -> RampChange:
    """End the phase; the flag leaves control to everyone.

    Raises:
        IllegalRamp: `not_running`.
    """
    change.get_phase()
    change.end_phase()
    change.move(Status.COMPLETED)
    return change.record(RampAction.COMPLETE)


def stop(change: Change) -> RampChange:
    """Back to draft, by way of completed where a phase is running or held."""
    if change.experiment.status in {Status.RUNNING, Status.HELD}:
        complete(change)
        change.old_status, change.old_coverage_bp = Status.COMPLETED, None
    else:
        change.end_phase()
    release_slots(change.experiment)
    change.experiment.scheduled_for = None
    change.experiment.save(update_fields=["scheduled_for"])
    change.move(Status.DRAFT)
    recorded = change.record(RampAction.STOP)
    change.phase, change.old_status, change.old_coverage_bp = None, Status.DRAFT, None
    return recorded


def refuse_tripped(change: Change) -> None:
    """Refuse to reopen what a comparative guardrail rolled back: the phase keeps its data, and would trip again.

    Raises:
        IllegalRamp: `guardrail_tripped`.
    """
    last = change.experiment.ramp_changes.filter(phase=change.phase, action=RampAction.ROLL_BACK).first()
    if last is not None and last.code == GUARDRAIL:
        raise IllegalRamp(
            "guardrail_tripped",
            f"A guardrail rolled {change.experiment.key!r} back, and the data of this phase would do so again: "
            f"{last.reason} Mend the cause, stop the experiment and start a new phase.",
        )


def check_share(coverage_bp: int) -> None:
    """Refuse a coverage that no running ramp may be brought to; who wants to show it to nobody rolls it back.

    Raises:
        IllegalRamp: `coverage_out_of_range`, `share_zero`.
    """
    check_coverage(coverage_bp)
    if not coverage_bp:
        raise IllegalRamp("share_zero", SHARE_ZERO)


def check_coverage(coverage_bp: int) -> None:
    """Refuse a coverage that is none.

    Raises:
        IllegalRamp: `coverage_out_of_range`.
    """
    if not 0 <= coverage_bp <= BUCKETS:
        raise IllegalRamp("coverage_out_of_range", f"coverage_bp == {coverage_bp}, must be 0 to {BUCKETS}.")
