"""Gates for people: signs where they compare, a name for who waived, and one door past the one that failed."""

from typing import Any

import pytest

from recommendations.admin.room.gates import describe_gates, find_waivable
from recommendations.models import GateWaiver, RetrainRun


def report(*gates: tuple[str, float | None, str]) -> Any:
    kept = [
        {"gate": gate, "figure": figure, "bound": "at most 5%", "verdict": verdict, "note": "So it was."}
        for gate, figure, verdict in gates
    ]
    return {"evaluate": {"gates": kept}}


@pytest.mark.parametrize(
    ("gate", "figure", "said"),
    [
        ("coverage", 0.936, "93.6%"),
        ("row_count", 0.12, "+12.0%"),
        ("offline_paired", 0.08, "-8.0%"),
        ("offline_drop", 0.0, "+0.0%"),
        ("overlap", None, "–"),
    ],
)
def test_gate_says_its_figure(gate: str, figure: float | None, said: str) -> None:
    line = describe_gates(report((gate, figure, "passed")), None)[0]

    assert line.figure == said
    assert line.purpose


def test_waived_gate_names_who_answers_for_it() -> None:
    waiver = GateWaiver(gate="row_count", actor="ann", reason="the sale ended")

    waived, passed = describe_gates(report(("row_count", -0.4, "waived"), ("coverage", 0.9, "passed")), waiver)

    assert (waived.verdict, waived.tone, waived.waiver) == ("waived", "warn", "ann: the sale ended")
    assert passed.waiver == ""


@pytest.mark.parametrize(
    ("status", "failed", "waivable"),
    [
        ("failed", ["coverage"], "coverage"),
        ("failed", ["heartbeat"], ""),
        ("failed", ["coverage", "overlap"], ""),
        ("failed", [], ""),
        ("abandoned", ["coverage"], ""),
    ],
)
def test_only_a_single_gate_that_may_be_waived_is_offered(status: str, failed: list[str], waivable: str) -> None:
    run = RetrainRun(status=status, report=report(*((gate, 0.5, "failed") for gate in failed)))

    assert find_waivable(run) == waivable
