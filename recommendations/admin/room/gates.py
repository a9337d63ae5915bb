"""A run's gates for people: what each looks at, its figure, its bound and its verdict, and who waived one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recommendations.models import GateWaiver, RetrainRun
from recommendations.pipeline.gates.bounds import GATES, NEVER_WAIVED
from recommendations.pipeline.gates.results import GateResult, Verdict, gate_results
from recommendations.retrain_status import RetrainStatus

TONES: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.PASSED: "good", Verdict.FAILED: "bad", Verdict.WAIVED: "warn", Verdict.NOT_JUDGED: "quiet"}
)
# These compare: their figures get a sign, and a loss is shown as what it is.
SIGNS: Mapping[str, int] = MappingProxyType({"row_count": 1, "offline_paired": -1, "offline_drop": -1})


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate; `waiver` is who let it fail, and why, where somebody did."""

    name: str
    purpose: str
    figure: str
    bound: str
    verdict: str
    tone: str
    note: str
    waiver: str = ""


def describe_gates(run_report: Mapping[str, Any], waiver: GateWaiver | None) -> tuple[GateLine, ...]:
    """Return every gate that a run has come to, in order.

    Args:
        run_report: `RetrainRun.report`.
        waiver: the run's, where it has one.
    """
    return tuple(_line(result, waiver) for result in gate_results(run_report))


def find_waivable(run: RetrainRun) -> str:
    """Return the one gate that stopped a run and may be waived for the next, or an empty string."""
    failed = [result.gate for result in gate_results(run.report) if result.verdict is Verdict.FAILED]
    if run.status != RetrainStatus.FAILED or len(failed) != 1 or failed[0] in NEVER_WAIVED:
        return ""
    return failed[0]


def _line(result: GateResult, waiver: GateWaiver | None) -> GateLine:
    is_waived = result.verdict is Verdict.WAIVED and waiver is not None and waiver.gate == result.gate
    return GateLine(
        name=result.gate.replace("_", " "),
        purpose=GATES.get(result.gate, ""),
        figure=_say_figure(result),
        bound=result.bound,
        verdict=result.verdict.value,
        tone=TONES[result.verdict],
        note=result.note,
        waiver=f"{waiver.actor}: {waiver.reason}" if is_waived and waiver is not None else "",
    )


def _say_figure(result: GateResult) -> str:
    if result.figure is None:
        return "–"
    if result.gate in SIGNS:
        # A zero with a minus would say nothing.
        return f"{SIGNS[result.gate] * result.figure + 0.0:+.1%}"
    return f"{result.figure:.1%}"
