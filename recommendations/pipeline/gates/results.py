"""PURE: what a gate found, as `RetrainRun.report[step]["gates"]` keeps it: the one place of that layout."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Verdict(StrEnum):
    """What a gate said; a run goes on unless one has failed."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate of one run.

    Attributes:
        gate: its name, one of `bounds.GATES`.
        figure: what was measured; None where nothing could be.
        bound: what is asked for, in words: "at least 10%".
        verdict: what follows.
        note: one line for people: what the figure is of, or why nothing was judged.
    """

    gate: str
    figure: float | None
    bound: str
    verdict: Verdict
    note: str

    def to_json(self) -> dict[str, Any]:
        """Return what a JSON column can hold; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave."""
        return cls(kept["gate"], kept["figure"], kept["bound"], Verdict(kept["verdict"]), kept["note"])


def gate_results(run_report: Mapping[str, Any]) -> list[GateResult]:
    """Return every gate that a run has come to, in order.

    Args:
        run_report: `RetrainRun.report`.
    """
    found: list[GateResult] = []
    for step in ("export", "evaluate", "heartbeat"):
        kept: Sequence[Mapping[str, Any]] = run_report.get(step, {}).get("gates", ())
        found.extend(GateResult.from_json(each) for each in kept)
    return found


def judged(gate: str, figure: float, bound: str, note: str, *, is_passed: bool) -> GateResult:
    """Return a gate that has passed or failed."""
    return GateResult(gate, round(figure, 5), bound, Verdict.PASSED if is_passed else Verdict.FAILED, note)


def not_judged(gate: str, bound: str, why: str) -> GateResult:
    """Return a gate that could not be judged, which lets the run go on."""
    return GateResult(gate, None, bound, Verdict.NOT_JUDGED, why)
