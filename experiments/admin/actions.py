"""What can be done on the ramp page: each action's words, when it is offered, and the service that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from experiments import ramp
from experiments.bars import Segment, draw_everyone
from experiments.models import RampChange, Status
from experiments.panel import Panel

Target = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `service` names its service in `experiments.lifecycle`; `asks` what it needs beside a reason."""

    name: str
    service: str
    label: str
    effect: str
    run: Callable[[str, Target, dict[str, Any]], RampChange | None]
    asks: str = ""
    is_danger: bool = False
    is_primary: bool = False

    def is_offered(self, panel: Panel) -> bool:
        """Whether the present status accepts it."""
        if self.name == "share":
            return panel.is_open
        if self.name == "off":
            return panel.status in {Status.RUNNING, Status.HELD, Status.SHIPPED}
        if self.name == "approve":
            return panel.asks_approval and not _is_approved(panel)
        return self.service in panel.services and _makes_sense(self.name, panel)

    def tell(self, panel: Panel, target: Target) -> str:
        """What it would do, in a title's words."""
        if self.name == "share" and target.get("coverage_bp") is not None:
            return f"Show it to {panel.tell_seen(target['coverage_bp'])}"
        if self.name == "start":
            return f"Start at {panel.first_seen}"
        if self.name == "reopen":
            return f"Reopen at {panel.first_seen}" if panel.phase is not None else "Turn it on for everyone again"
        if self.name == "approve" and panel.next_step is not None:
            return f"Approve {panel.tell_seen(panel.next_step.coverage_bp)}"
        return self.label

    def draw(self, panel: Panel, target: Target) -> tuple[Segment, ...]:
        """The bar as it would be afterwards."""
        if self.name == "share" and target.get("coverage_bp") is not None:
            return panel.draw_coverage(target["coverage_bp"])
        if self.name in {"start", "reopen"} and not (self.name == "reopen" and panel.phase is None):
            return panel.draw_coverage(panel.steps[0].coverage_bp)
        if self.name in {"ship", "reopen"}:
            return draw_everyone(panel.variations, panel.shipped or panel.featured[0].key)
        if self.name in {"hold", "resume", "approve", "schedule"}:
            return panel.segments
        return draw_everyone(panel.variations, panel.control.key)


def _is_approved(panel: Panel) -> bool:
    return panel.phase is not None and (panel.phase.approved_step or 0) > panel.phase.step


def _makes_sense(name: str, panel: Panel) -> bool:
    """Leave out what is legal and would yet be no help, such as completing what never ran."""
    if name in {"complete", "reopen"}:
        return panel.phase is not None or (name == "reopen" and panel.experiment.shipped_id is not None)
    if name == "ship":
        return panel.phase is None and panel.status != Status.SHIPPED
    return True


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        action.name: action
        for action in (
            Action(
                "start",
                "start",
                "Start",
                "A phase starts with a new draw, and the plan is frozen with it.",
                lambda key, _, who: ramp.start(key, **who),
                is_primary=True,
            ),
            Action(
                "schedule",
                "schedule",
                "Start later",
                "It starts by itself, at its first step, within a minute of that time.",
                lambda key, target, who: ramp.schedule(key, at=target["at"], **who),
                asks="at",
            ),
            Action(
                "share",
                "set_coverage",
                "Change the share",
                "Nobody who stays in the test changes variation.",
                lambda key, target, who: ramp.set_coverage(key, coverage_bp=target["coverage_bp"], **who),
                asks="share",
                is_primary=True,
            ),
            Action(
                "approve",
                "approve_step",
                "Approve the next step",
                "The next step follows by itself once its time and its sample are reached.",
                lambda key, _, who: ramp.approve_step(key, **who),
                is_primary=True,
            ),
            Action(
                "hold",
                "hold",
                "Hold",
                "The share stays as it is: no step follows until somebody resumes. Guardrails go on watching.",
                lambda key, _, who: ramp.hold(key, **who),
            ),
            Action(
                "resume",
                "resume",
                "Resume",
                "The ramp goes on from this step, whose time begins again.",
                lambda key, _, who: ramp.resume(key, **who),
                is_primary=True,
            ),
            Action(
                "off",
                "roll_back",
                "Roll back",
                "Everybody gets control. The phase waits, and reopening returns everybody to their own variation.",
                # It works from any page, however old.
                lambda key, _, who: ramp.roll_back(key, actor=who["actor"], reason=who["reason"]),
                is_danger=True,
            ),
            Action(
                "reopen",
                "reopen",
                "Reopen",
                "Everybody returns to their own variation, from the first step on, since trust is won anew.",
                lambda key, _, who: ramp.reopen(key, **who),
            ),
            Action(
                "complete",
                "complete",
                "Complete",
                "The phase ends and its result is frozen. Everybody gets control until it is shipped.",
                lambda key, _, who: ramp.complete(key, **who),
            ),
            Action(
                "ship",
                "ship",
                "Ship to everyone",
                "Everybody gets it, bots and those without consent too, and nobody is compared any more.",
                lambda key, target, who: ramp.ship(key, variation=target.get("variation") or None, **who),
                asks="variation",
            ),
            Action(
                "stop",
                "stop",
                "Back to draft",
                "Everybody gets control. An open phase is completed; plan and weights can change for the next one, "
                "which is analysed apart.",
                lambda key, _, who: ramp.stop(key, **who),
                is_danger=True,
            ),
        )
    }
)


def list_actions(panel: Panel) -> list[Action]:
    """What the page offers now, in the order of an experiment's life; the share and the kill switch apart."""
    return [action for action in ACTIONS.values() if action.name not in {"share", "off"} and action.is_offered(panel)]
