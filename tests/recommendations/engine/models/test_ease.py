from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models import ease
from recommendations.engine.models.ease import Ease, count_shared


def make_log(n_users: int = 40, n_items: int = 12, n_events: int = 6) -> Interactions:
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:02}", f"i{item:02}", time)
        for user in range(n_users)
        for time, item in enumerate(rng.integers(0, n_items, n_events).tolist())
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def test_ease_solves_the_papers_equation() -> None:
    log = make_log()
    filled = (log.to_csr().toarray() > 0).astype(np.float64)

    model = Ease(regularisation=10.0).fit(log)

    inverse = np.linalg.inv(filled.T @ filled + 10.0 * np.eye(log.n_items))
    expected = inverse / -np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(model.weights_, expected, atol=1e-5)


def test_ease_sums_the_rows_of_the_newest_events_with_decay() -> None:
    model = Ease(history_decay=0.5, history_size=2).fit(make_log())
    history = [Event(name, 0, "view") for name in ("i03", "i01", "i07")]

    scores = model.score(history)

    expected = np.maximum(0.5 * model.weights_[1] + model.weights_[7], 0)
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_count_shared_is_the_same_dense_and_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_log(n_users=70)
    monkeypatch.setattr(ease, "USERS_AT_ONCE", 32)

    dense = np.triu(count_shared(log))
    monkeypatch.setattr(ease, "DENSE_SHARE", 2.0)
    scarce = np.triu(count_shared(log))

    np.testing.assert_array_equal(dense, scarce)
    assert np.diag(dense).sum() == len(np.unique(log.users.astype(np.int64) * log.n_items + log.items))


def test_ease_refuses_too_large_a_catalogue_by_name() -> None:
    with pytest.raises(InvalidHyperparameter, match="max_items is 11 and there are 12 items; use item-kNN"):
        Ease(max_items=11).fit(make_log())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"regularisation": 0}, "regularisation is 0"),
        ({"history_decay": 1.5}, "history_decay is 1.5"),
        ({"history_size": 0}, "history_size is 0"),
        ({"max_items": 15_001}, "max_items is 15001"),
    ],
)
def test_ease_refuses_wrong_hyperparameters_by_name(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=said):
        Ease(**arguments).fit(make_log())  # type: ignore[arg-type]
