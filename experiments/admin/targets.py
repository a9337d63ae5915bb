"""Where a ramp goes: what a change would do in words and as a bar, and the service that makes it."""

from typing import Any

from experiments import ramp
from experiments.bars import Segment, draw_everyone
from experiments.forms import OFF, ON, REOPEN, SHARE, STOP
from experiments.models import RampChange
from experiments.panel import Panel
from experiments.shares import find_seen, format_percent


def apply_ramp(key: str, target: dict[str, Any], actor: str) -> RampChange | None:
    """Make the change that a valid RampForm asks for.

    Raises:
        IllegalRamp: As the ramp services say.
    """
    reason, seen_change_id = target["reason"], target.get("seen_change_id")
    if target["action"] == OFF:
        return ramp.roll_back(key, actor=actor, reason=reason)
    if target["action"] == ON:
        variation = target.get("variation") or None
        return ramp.ship(key, actor=actor, reason=reason, variation=variation, expected_change_id=seen_change_id)
    if target["action"] == REOPEN:
        return ramp.reopen(key, actor=actor, reason=reason)
    if target["action"] == STOP:
        return ramp.stop(key, actor=actor, reason=reason)
    return ramp.ramp_to(
        key, coverage_bp=target["coverage_bp"], actor=actor, reason=reason, expected_change_id=seen_change_id
    )


def describe_target(panel: Panel, action: str, coverage_bp: int | None) -> str:
    """What a change would do, in a title's words."""
    if action == SHARE and coverage_bp is not None:
        return f"Show it to {format_percent(find_seen(coverage_bp, panel.featured_bp))}"
    titles = {
        ON: "Turn it on for everyone",
        OFF: "Turn it off for everyone",
        REOPEN: f"Reopen at {panel.waiting_seen}",
        STOP: "Stop this phase for good",
    }
    return titles.get(action, "Change who sees it")


def draw_target(panel: Panel, action: str, coverage_bp: int | None) -> tuple[Segment, ...]:
    """The bar as it would be after the change."""
    if action == SHARE and coverage_bp is not None:
        return panel.draw_coverage(coverage_bp)
    if action == REOPEN:
        return panel.draw_coverage(panel.coverage_bp)
    if action == ON:
        return draw_everyone(panel.variations, panel.featured[0].key)
    return draw_everyone(panel.variations, panel.control.key)
