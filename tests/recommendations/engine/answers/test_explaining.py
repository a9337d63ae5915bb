from __future__ import annotations

import numpy as np

from recommendations.engine.answers.explaining import contributions, newest_distinct


def test_newest_distinct_names_each_item_once_from_its_newest_event() -> None:
    items = np.array([4, 7, 4, 1, 7], np.intp)

    assert newest_distinct(items).tolist() == [7, 1, 4]
    assert newest_distinct(items, 2).tolist() == [7, 1]
    assert newest_distinct(items[:0]).tolist() == []


def test_contributions_are_the_falls_greatest_first_and_nothing_that_rises() -> None:
    scores = np.array([1.0, 0.25, 1.5, 0.5, 1.0, 0.25], np.float32)

    found = contributions(["d", "b", "c", "e", "a"], scores, 3)

    assert [(each.item_id, each.amount) for each in found] == [("a", 0.75), ("d", 0.75), ("c", 0.5)]
