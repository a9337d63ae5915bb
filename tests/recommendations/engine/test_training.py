from __future__ import annotations

import pytest

from recommendations.engine.exceptions import TrainingStopped
from recommendations.engine.training import TrainingRun


def test_report_never_falls_and_stays_within_its_part() -> None:
    shares: list[float] = []
    run = TrainingRun(progress=lambda share, _: shares.append(share))

    first = run.part(0.0, 0.5)
    first.report(0.8, "late")
    first.report(0.2, "early")
    run.part(0.5, 1.0).part(0.0, 0.5).report(1.0, "inner")
    run.report(7.0, "done")

    assert shares == [0.4, 0.4, 0.75, 1.0]


def test_report_stops_when_asked() -> None:
    run = TrainingRun(should_stop=lambda: True)

    with pytest.raises(TrainingStopped, match="counting"):
        run.part(0.0, 0.5).report(0.1, "counting")


def test_affords_knows_the_budget() -> None:
    assert TrainingRun().affords(1e9)
    assert TrainingRun(budget_s=100.0).affords(10)
    assert not TrainingRun(budget_s=100.0).part(0.2, 0.3).affords(1_000)
