from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.similar import SimilarItems


def make_pairs() -> Interactions:
    """Shoes then laces, jackets then scarfs; nobody takes things of both kinds."""
    rows = [
        (f"u{user:02}", item, time)
        for user in range(40)
        for time, item in enumerate(("shoe", "lace", "sole") if user % 2 else ("coat", "scarf", "hat"))
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def test_similar_items_are_taken_together_whatever_came_first() -> None:
    model = SimilarItems().fit(make_pairs())

    ids, _ = model.recommend([[Event(item, 0, "view")] for item in ("shoe", "sole", "coat")], 5)

    assert [set(each) for each in ids] == [{"lace", "sole"}, {"lace", "shoe"}, {"scarf", "hat"}]


def test_similar_items_look_up_the_newest_item_alone() -> None:
    model = SimilarItems().fit(make_pairs())
    one = [Event("shoe", 0, "view")]

    np.testing.assert_array_equal(model.score([Event("coat", 0, "view"), *one]), model.score(one))


def test_similar_items_never_hold_the_item_itself_and_at_most_a_row() -> None:
    log = Interactions.from_columns(["u"] * 4 + ["v"] * 4, list("aabc") + list("aacd"), list(range(8)), ["view"] * 8)

    model = SimilarItems(row_size=2).fit(log)

    for number, item in enumerate(log.item_ids):
        scores = model.score([Event(item, 0, "view")])
        assert scores[number] == 0
        assert 0 < np.count_nonzero(scores) <= 2


def test_similar_items_refuse_wrong_hyperparameters_by_name() -> None:
    for arguments, said in (({"window": 0}, "window is 0"), ({"row_size": 0}, "row_size is 0")):
        with pytest.raises(InvalidHyperparameter, match=said):
            SimilarItems(**arguments).fit(make_pairs())  # type: ignore[arg-type]
