"""Turns what the gates of a step found into its answer: go on, or fail with the gate's name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from recommendations.models import RetrainRun
from recommendations.pipeline.context import Failed
from recommendations.pipeline.gates.bounds import NEVER_WAIVED
from recommendations.pipeline.gates.results import GateResult, Verdict
from recommendations.pipeline.gates.waivers import waived_gate


def judge(
    run: RetrainRun, results: Sequence[GateResult], figures: Mapping[str, Any]
) -> tuple[dict[str, Any], Failed | None]:
    """Apply the run's waiver, and say whether the run must stop.

    Args:
        run: whose gates.
        results: what the gates of the step found.
        figures: what else the step found out.

    Returns:
        The figures with the gates under "gates", and the failure, which carries those figures, if there is one.
    """
    waived = waived_gate(run)
    settled = [
        replace(each, verdict=Verdict.WAIVED) if each.verdict is Verdict.FAILED and each.gate == waived else each
        for each in results
    ]
    kept = {**figures, "gates": [each.to_json() for each in settled]}
    failed = [each for each in settled if each.verdict is Verdict.FAILED]
    if not failed:
        return kept, None
    reason = " ".join(f"Gate {each.gate}: {each.note}" for each in failed)
    return kept, Failed(reason, _fix(run, failed), kept)


def _fix(run: RetrainRun, failed: Sequence[GateResult]) -> str:
    key = run.rotation_id
    stays = "The live campaign stays. Look at the run's data and metrics"
    again = f"manage.py retrain {key}"
    if len(failed) > 1 or failed[0].gate in NEVER_WAIVED:
        return f"{stays}, mend the cause, then: {again}."
    return (
        f'{stays}. Once mended: {again}. If this is as it should be: {again} --waive {failed[0].gate} --reason "...".'
    )
