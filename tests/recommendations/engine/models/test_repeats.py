from __future__ import annotations

import pytest

from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.repeats import Repeats


def test_repeats_rank_the_history_by_its_newest_event() -> None:
    log = Interactions.from_columns(["u"] * 3, ["a", "b", "c"], [1, 2, 3], ["view"] * 3)
    history = [Event("a", 1, "view"), Event("b", 2, "view"), Event("a", 3, "view")]

    (ids,), (scores,) = Repeats(history_decay=0.5).fit(log).recommend([history], 5)

    assert ids == ["a", "b"]
    assert scores.tolist() == pytest.approx([1.0, 0.5])
