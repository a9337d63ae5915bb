from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models import item_knn
from recommendations.engine.models.item_knn import ItemNeighbours


def make_log(n_users: int = 40, n_items: int = 12, n_events: int = 6) -> Interactions:
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:02}", f"i{item:02}", time)
        for user in range(n_users)
        for time, item in enumerate(rng.integers(0, n_items, n_events).tolist())
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def count_by_hand(log: Interactions, shrinkage: float = 0.0) -> np.ndarray:
    filled = (log.to_csr().toarray() > 0).astype(np.float64)
    shared = filled.T @ filled
    norms = np.sqrt(np.diag(shared))
    similarity: np.ndarray = shared / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similarity, 0.0)
    return similarity


def test_item_neighbours_are_cosines_of_shared_users(monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_log()
    monkeypatch.setattr(item_knn, "ITEMS_AT_ONCE", 5)

    model = ItemNeighbours(shrinkage=2.0).fit(log)

    rows = [model.score([Event(item, 0, "view")]) for item in log.item_ids]
    np.testing.assert_allclose(np.stack(rows), count_by_hand(log, 2.0), rtol=1e-5)


def test_item_neighbours_keep_the_nearest_of_each_row() -> None:
    log = make_log()

    model = ItemNeighbours(row_size=3).fit(log)

    expected = count_by_hand(log)
    for number, item in enumerate(log.item_ids):
        kept = model.score([Event(item, 0, "view")])
        assert np.count_nonzero(kept) == 3
        np.testing.assert_allclose(np.sort(kept)[-3:], np.sort(expected[number])[-3:], rtol=1e-5)


def test_item_neighbours_weigh_the_newest_event_most() -> None:
    model = ItemNeighbours(history_decay=0.5).fit(make_log())

    scores = model.score([Event("i01", 0, "view"), Event("i07", 0, "view")])

    expected = 0.5 * model.score([Event("i01", 0, "view")]) + model.score([Event("i07", 0, "view")])
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_item_neighbours_look_at_a_users_newest_items_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_knn, "MOST_ITEMS_PER_USER", 2)
    log = Interactions.from_columns(["a"] * 3 + ["b"] * 2, list("xyzyz"), [1, 2, 3, 1, 2], ["view"] * 5)

    model = ItemNeighbours().fit(log)

    assert model.recommend([[Event("y", 0, "view")]], 5)[0] == [["z"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"row_size": 0}, "row_size is 0"), ({"shrinkage": -1}, "shrinkage is -1"), ({"history_size": 0}, "history_size")],
)
def test_item_neighbours_refuse_wrong_hyperparameters_by_name(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=said):
        ItemNeighbours(**arguments).fit(make_log())  # type: ignore[arg-type]
