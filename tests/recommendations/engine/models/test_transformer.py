"""What needs torch is tried where torch is: the trained model against torch, against worlds with a rule, and again."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine import artifacts
from recommendations.engine.exceptions import ExtraMissing, InvalidHyperparameter, TrainingStopped
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.transformer import FACTS, N_BLOCKS, WEIGHT_NAMES, Transformer
from recommendations.engine.neural.attention import Body, begin

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is the extra [neural]")
N_ITEMS = 24


def make_ring(n_users: int = 250, length: int = 20) -> Interactions:
    """Everybody walks around the same ring, from anywhere."""
    chance = np.random.default_rng(11)
    rows = [
        (f"u{user:03}", f"i{(start + step) % N_ITEMS:02}", step)
        for user in range(n_users)
        for start in [int(chance.integers(N_ITEMS))]
        for step in range(length)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def make_model(**settings: object) -> Transformer:
    return Transformer(**({"width": 16, "history_size": 8, "passes": 4, "seed": 1} | settings))  # type: ignore[arg-type]


def make_fitted() -> Transformer:
    """A model with weights as they are before training, which needs no torch."""
    model = make_model()
    item_ids = tuple(f"i{item:02}" for item in range(N_ITEMS))
    vectors = np.random.default_rng(5).standard_normal((N_ITEMS, 16)).astype(np.float32)
    weights = begin(Body(16, N_BLOCKS, 2, 8), vectors, vectors, n_types=2, chance=np.random.default_rng(6))
    facts = {
        "type_names_": np.array(["view"]),
        "is_timed_": np.array([True]),
        "popularity_": np.linspace(0.1, 1.0, N_ITEMS, dtype=np.float32),
        "curve_": np.empty((0, 3)),
    }
    model.restore(item_ids, {**{f"{name}_": array for name, array in weights.items()}, **facts})
    return model


def walk(*items: int) -> list[Event]:
    return [Event(f"i{item % N_ITEMS:02}", place, "view") for place, item in enumerate(items)]


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is there")
def test_training_without_torch_names_the_command_that_installs_it() -> None:
    with pytest.raises(ExtraMissing, match=r'pip install "torch'):
        make_model().fit(make_ring())


def test_artifact_serves_without_torch_what_was_saved(tmp_path: Path) -> None:
    model = make_fitted()

    artifacts.save(tmp_path / "model", model)
    loaded = artifacts.load(tmp_path / "model").model

    assert set(model.learned) == {*(f"{name}_" for name in WEIGHT_NAMES), *FACTS}
    assert loaded.recommend([walk(3, 4)], 5)[0] == model.recommend([walk(3, 4)], 5)[0]


def test_scores_are_above_zero_whatever_the_history() -> None:
    model = make_fitted()
    strange = [Event("i03", 5, "never seen"), Event("i04", -1, "view"), Event("i05", 2**60, "view")]

    for history in ([], walk(1), strange, walk(*range(300))):
        scores = model.score(history)

        assert scores.min() > 0
        assert scores.max() == 1.0
        assert len(model.recommend([history], N_ITEMS)[0][0]) == N_ITEMS


def test_an_event_beyond_the_reach_makes_no_difference() -> None:
    model = make_fitted()

    far, near = model.score(walk(9, *range(8))), model.score(walk(3, *range(8)))
    within = model.score(walk(*range(8)))

    assert far.tobytes() == near.tobytes() == within.tobytes()
    assert within.tobytes() != model.score(walk(*range(7))).tobytes()


@pytest.mark.parametrize(("name", "value"), [("width", 7), ("n_heads", 3), ("history_size", 1), ("dropout", 1.0)])
def test_check_names_what_is_out_of_range(name: str, value: float) -> None:
    with pytest.raises(InvalidHyperparameter, match=name):
        make_model(**{name: value}).check()


@needs_torch
def test_serving_agrees_with_torch() -> None:
    from recommendations.engine.neural import torch_body

    model = make_model().fit(make_ring())
    weights = torch_body.to_tensors({name: getattr(model, f"{name}_") for name in WEIGHT_NAMES})

    for length in range(1, 9):
        encoded = model.encode(walk(*range(length)))
        nothing = np.zeros((1, length), np.int64)
        events = torch_body.embed(weights, encoded.items[None], nothing, nothing)
        by_torch = torch_body.look_for(weights, Body(16, N_BLOCKS, 2, 8), events)[0, -1].detach().numpy()

        assert np.abs(model.look_for(encoded) - by_torch).max() < 1e-4


@needs_torch
def test_training_learns_a_rule_beyond_the_newest_item() -> None:
    chance = np.random.default_rng(3)
    rows = []
    for user in range(300):
        # A ring so small that both neighbours of an item have been seen, and only the direction tells them apart.
        direction, item = (1, -1)[user % 2], int(chance.integers(6))
        rows += [(f"u{user:03}", f"i{(item + direction * step) % 6:02}", step) for step in range(12)]
    users, items, times = zip(*rows, strict=True)
    log = Interactions.from_columns(users, items, times, ["view"] * len(rows))

    model = make_model(passes=40, learning_rate=0.005).fit(log)

    assert model.recommend([walk(1, 2, 3)], 1)[0] == [["i04"]]
    assert model.recommend([walk(5, 4, 3)], 1)[0] == [["i02"]]
    assert model.curve_[:, 2].max() > model.curve_[0, 2] + 0.1


@needs_torch
def test_two_trainings_are_equal_to_the_last_byte() -> None:
    first, again, other = (make_model(seed=seed, passes=1).fit(make_ring()) for seed in (1, 1, 2))

    assert all(getattr(first, name).tobytes() == getattr(again, name).tobytes() for name in first.learned)
    assert first.learned_arrays()["items_out_"].tobytes() != other.learned_arrays()["items_out_"].tobytes()


@needs_torch
def test_a_training_goes_on_after_an_end_as_if_there_had_been_none(tmp_path: Path) -> None:
    whole = make_model().fit(make_ring())
    asked = iter([False] * 7 + [True] * 1_000)

    with pytest.raises(TrainingStopped):
        make_model().fit(make_ring(), checkpoint=tmp_path, should_stop=lambda: next(asked))
    resumed = make_model().fit(make_ring(), checkpoint=tmp_path)

    assert any(tmp_path.rglob("training.npz"))
    assert all(getattr(whole, name).tobytes() == getattr(resumed, name).tobytes() for name in whole.learned)


@needs_torch
def test_a_night_goes_on_from_the_last_one() -> None:
    before = make_model().fit(make_ring())

    tonight = make_model(passes=1).warm_start_from(before).fit(make_ring())
    afresh = make_model(passes=1).warm_start_from(make_model(width=32).fit(make_ring())).fit(make_ring())

    assert tonight.goes_on_
    assert not afresh.goes_on_
    assert tonight.curve_[0, 2] > afresh.curve_[0, 2]


@needs_torch
def test_a_budget_is_kept() -> None:
    import time

    log = make_ring(n_users=800)
    started_s = time.process_time()

    model = make_model(passes=1_000, width=64, history_size=20).fit(log, budget_s=3.0)

    assert time.process_time() - started_s < 9
    assert model.curve_[-1, 0] > 0
