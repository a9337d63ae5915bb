"""Waives one gate of one run, with a reason, for good."""

from recommendations import conf
from recommendations.exceptions import InvalidInput
from recommendations.models import GateWaiver, RetrainRun
from recommendations.pipeline.gates.bounds import GATES, NEVER_WAIVED

MAX_REASON_LENGTH = 500


def waive_gate(run: RetrainRun, gate: str, *, actor: str, reason: str) -> GateWaiver:
    """Let one gate of a run fail without stopping it; asking for the same again changes nothing.

    Args:
        run: an active run.
        gate: one of `bounds.GATES`.
        actor: who answers for it.
        reason: why it is right to go on.

    Returns:
        The audit row; it is never changed or deleted.

    Raises:
        InvalidInput: no such gate, one that is never waived, no reason, an ended run, or one with another waiver.
    """
    check_waiver(gate, actor=actor, reason=reason)
    if not RetrainRun.objects.filter(pk=run.pk, finished_at__isnull=True).exists():
        raise InvalidInput(f"{run} has ended; a gate is waived for an active run.")
    waiver, _ = GateWaiver.objects.get_or_create(
        run=run, defaults={"gate": gate, "actor": actor.strip(), "reason": reason.strip(), "at": conf.now()}
    )
    if waiver.gate != gate:
        raise InvalidInput(f"gate == {gate!r}: {waiver.gate} is waived for {run} already, and a run has one waiver.")
    return waiver


def waived_gate(run: RetrainRun) -> str:
    """Return the gate that is waived for a run, or an empty string."""
    return GateWaiver.objects.filter(run=run.pk).values_list("gate", flat=True).first() or ""


def check_waiver(gate: str, *, actor: str, reason: str) -> None:
    """Refuse a waiver that no run could have; for doors that must know before they begin a run.

    Raises:
        InvalidInput: no such gate, one that is never waived, or no actor or reason.
    """
    if gate not in GATES:
        raise InvalidInput(f"gate == {gate!r} is unknown; the gates are: {', '.join(GATES)}.")
    if gate in NEVER_WAIVED:
        raise InvalidInput(f"gate == {gate!r} is never waived: {GATES[gate]}.")
    if not reason.strip() or len(reason) > MAX_REASON_LENGTH:
        raise InvalidInput(f"reason: say in 1 to {MAX_REASON_LENGTH} characters why it is right to go on.")
    if not actor.strip():
        raise InvalidInput("actor: name who answers for the waiver.")
