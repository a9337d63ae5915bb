"""The recurrent model on worlds whose rule is known: what kind an event was, when it came and who did it decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine import artifacts
from recommendations.engine.answers import recurrent_answers
from recommendations.engine.answers.products import Products
from recommendations.engine.exceptions import InvalidHyperparameter, NotFitted, TrainingStopped
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.hrnn import Hrnn

START = 1_700_000_000
DAY = 86_400
N_ITEMS = 24


def walk(
    follow: Callable[[int, np.random.Generator], tuple[int, int, str]], n_users: int = 250, length: int = 20
) -> Interactions:
    """Users who each begin at a random item; `follow` gives the next item, the seconds until then and its type."""
    chance = np.random.default_rng(11)
    rows = []
    for user in range(n_users):
        item, time, kind = int(chance.integers(N_ITEMS)), START + user, "view"
        for _ in range(length):
            rows.append((f"u{user:03}", f"i{item:02}", time, kind))
            item, wait, kind = follow(item, chance)
            time += wait
    users, items, times, kinds = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, kinds)


def ring(item: int, _: np.random.Generator) -> tuple[int, int, str]:
    return (item + 1) % N_ITEMS, 60, "view"


RING = walk(ring, n_users=120, length=12)


def small(**given: object) -> Hrnn:
    return Hrnn(**{"hidden_dimension": 32, "width": 16, "passes": 4, "session_gap_s": DAY, **given})  # type: ignore[arg-type]


def able(**given: object) -> Hrnn:
    return small(**{"hidden_dimension": 64, "width": 32, "dropout": 0.0, "learning_rate": 1e-2, **given})


def event(item: int, time: int = START, kind: str = "view") -> Event:
    return Event(f"i{item % N_ITEMS:02}", time, kind)


def best_of(model: Hrnn, *history: Event) -> str:
    return model.recommend([history], 1)[0][0][0]


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_learns_what_follows_what() -> None:
    model = small().fit(RING)

    assert [best_of(model, event(item, START), event(item + 1, START + 60)) for item in range(N_ITEMS)] == [
        f"i{(item + 2) % N_ITEMS:02}" for item in range(N_ITEMS)
    ]


def test_it_learns_what_the_kind_of_an_event_tells() -> None:
    kinds: dict[str, int] = {"view": 1, "cart": 7}
    last = "view"

    def follow(item: int, chance: np.random.Generator) -> tuple[int, int, str]:
        nonlocal last
        step, last = kinds[last], str(chance.choice(["view", "cart"]))
        return (item + step) % N_ITEMS, 60, last

    interactions = walk(follow, n_users=300)
    # The walk's first event is always a view, whatever the walk before ended with.
    model = able(passes=12).fit(interactions)

    found = [
        (best_of(model, event(item, START, "view"), event(item + 1, START + 60, kind)), step)
        for item in range(N_ITEMS)
        for kind, step in kinds.items()
    ]
    right = [best == f"i{(number // 2 + 1 + step) % N_ITEMS:02}" for number, (best, step) in enumerate(found)]
    assert np.mean(right) > 0.9


def test_it_learns_what_the_time_since_the_event_before_tells() -> None:
    waits = {60: 1, 5 * DAY: 7}
    last = 60

    def follow(item: int, chance: np.random.Generator) -> tuple[int, int, str]:
        nonlocal last
        step, last = waits[last], int(chance.choice([60, 5 * DAY]))
        return (item + step) % N_ITEMS, last, "view"

    model = able(passes=12, session_gap_s=30 * DAY).fit(walk(follow, n_users=300))

    right = [
        best_of(model, event(item, START), event(item + 1, START + wait)) == f"i{(item + 1 + step) % N_ITEMS:02}"
        for item in range(N_ITEMS)
        for wait, step in waits.items()
    ]
    assert np.mean(right) > 0.9


def make_people(n_users: int = 400) -> Interactions:
    """Each visit is a look at the front item, then at the item of one's own kind of person; two weeks lie between."""
    rows = []
    for user in range(n_users):
        for visit in range(4):
            time = START + visit * 14 * DAY + user
            rows += [(f"u{user:03}", "front", time), (f"u{user:03}", f"own-{user % 4}", time + 60)]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def test_the_person_is_carried_from_session_to_session() -> None:
    model = small(passes=30, session_gap_s=1_800).fit(make_people())

    for kind in range(4):
        before = [Event("front", START, "view"), Event(f"own-{kind}", START + 60, "view")]
        history = [*before, Event("front", START + 14 * DAY, "view")]

        assert best_of(model, *history) == f"own-{kind}"


def test_types_of_greater_weight_are_foretold_first() -> None:
    def follow(item: int, chance: np.random.Generator) -> tuple[int, int, str]:
        is_cart = bool(chance.integers(2))
        return (item + (7 if is_cart else 1)) % N_ITEMS, 60, "cart" if is_cart else "view"

    interactions = walk(follow)

    for weights, step in (({"cart": 20.0}, 7), ({"view": 20.0}, 1)):
        model = able(passes=8, event_weights=weights).fit(interactions)
        right = [best_of(model, event(item)) == f"i{(item + step) % N_ITEMS:02}" for item in range(N_ITEMS)]
        assert np.mean(right) > 0.8


@pytest.mark.parametrize(("offset", "expected"), [(0, False), (START, True)])
def test_times_before_1990_are_positions_unless_told(offset: int, expected: bool) -> None:
    moved = Interactions.from_columns(["u", "u", "u"], ["a", "b", "c"], [offset, offset + 1, offset + 2], ["view"] * 3)

    assert small().fit(moved).is_timed_.tolist() == [expected]
    assert small(is_timed=not expected).fit(moved).is_timed_.tolist() == [not expected]


def test_where_time_is_only_an_order_nothing_but_the_order_counts() -> None:
    positions = Interactions.from_columns(
        [RING.user_ids[user] for user in RING.users],
        [RING.item_ids[item] for item in RING.items],
        (np.arange(len(RING)) - RING.starts[RING.users]).tolist(),
        ["view"] * len(RING),
    )
    model = small().fit(positions)

    near = model.score([event(3, 0), event(4, 1), event(5, 2)])
    far = model.score([event(3, 0), event(4, 900 * DAY), event(5, 2_000 * DAY)])

    np.testing.assert_array_equal(near, far)


def test_two_trainings_with_one_seed_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        artifacts.save(tmp_path / name, small(seed=seed).fit(RING))

    assert read_all(tmp_path / "a") == read_all(tmp_path / "b")
    assert read_all(tmp_path / "a") != read_all(tmp_path / "c")


@pytest.mark.parametrize("reports", [3, 4, 5])
def test_an_interrupted_training_goes_on_to_the_very_same_model(tmp_path: Path, reports: int) -> None:
    calls = 0

    def should_stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > reports

    model = small(passes=6)
    with pytest.raises(TrainingStopped):
        model.fit(RING, checkpoint=tmp_path / "kept", should_stop=should_stop)
    assert not model.is_fitted()
    notes: list[str] = []
    model.fit(RING, checkpoint=tmp_path / "kept", progress=lambda _, note: notes.append(note))
    artifacts.save(tmp_path / "resumed", model)
    artifacts.save(tmp_path / "whole", small(passes=6).fit(RING))

    assert read_all(tmp_path / "resumed") == read_all(tmp_path / "whole")
    is_under_way = reports > 3
    assert is_under_way != any(" step 1 of" in note for note in notes)


def test_a_state_kept_for_other_data_or_settings_is_not_taken_up(tmp_path: Path) -> None:
    small(seed=5).fit(RING, checkpoint=tmp_path / "kept")

    model = small(seed=6).fit(RING, checkpoint=tmp_path / "kept")

    np.testing.assert_array_equal(model.score([event(1)]), small(seed=6).fit(RING).score([event(1)]))


def test_a_budget_is_planned_for_and_never_measured() -> None:
    full = small(passes=50).fit(RING)
    tight = [small(passes=50).fit(RING, budget_s=0.3) for _ in range(2)]
    none = small(passes=50).fit(RING, budget_s=0.0)

    assert 0 < tight[0].curve_[-1, 0] < full.curve_[-1, 0]
    assert none.curve_[-1, 0] == 0
    np.testing.assert_array_equal(tight[0].learned_arrays()["items_in_"], tight[1].learned_arrays()["items_in_"])
    assert best_of(none, event(3), event(4)) == "i05"


def test_the_best_pass_is_kept_and_its_questions_are_never_trained_on() -> None:
    model = small(passes=3).fit(walk(ring, n_users=200, length=6))

    found = model.curve_[:, 2]

    assert np.isfinite(found).all()
    assert len(found) >= 2
    assert found.max() > 0.9


def test_a_warm_start_begins_where_last_night_ended_and_learns_new_items() -> None:
    last_night = small(passes=8).fit(RING)
    tonight = walk(lambda item, _: ((item + 1) % N_ITEMS, 60, "view"), n_users=180, length=12)
    renamed = Interactions.from_columns(
        [tonight.user_ids[user] for user in tonight.users],
        ["new" if item == 5 else tonight.item_ids[item] for item in tonight.items],
        tonight.timestamps.tolist(),
        ["view"] * len(tonight),
    )

    warm = small(passes=1).warm_start_from(last_night).fit(renamed)
    cold = small(passes=0.3, learning_rate=1.5e-3).fit(renamed)

    assert best_of(warm, event(3), event(4)) == "new"
    assert warm.curve_[-1, 1] < cold.curve_[-1, 1]
    assert warm.clone().previous is warm.previous
    with pytest.raises(NotFitted):
        small().warm_start_from(small())


def test_a_warm_start_from_a_model_of_another_size_or_shop_begins_anew() -> None:
    other_size = small(hidden_dimension=40).fit(RING)
    strangers = Interactions.from_columns(["u"] * 5, list("abcde"), range(START, START + 5), ["view"] * 5)

    from_other_size = small().warm_start_from(other_size).fit(RING)
    from_strangers = small().warm_start_from(small().fit(strangers)).fit(RING)

    assert best_of(from_other_size, event(3), event(4)) == "i05"
    assert best_of(from_strangers, event(3), event(4)) == "i05"


def test_a_history_read_event_by_event_scores_as_the_whole_does() -> None:
    model = small().fit(RING)
    fresh = small().fit(RING)
    history = [event(int(item), START + 400 * number) for number, item in enumerate(np.arange(260) * 7)]

    for stop in range(180, 260):
        stepwise = model.score(history[:stop])
    np.testing.assert_array_equal(stepwise, fresh.score(history[:stop]))


def test_scores_are_above_zero_whatever_the_temperature() -> None:
    model = small(temperature=0.05, passes=8).fit(RING)

    scores = model.score([event(1), event(2)])

    assert (scores > 0).all()
    assert scores.max() == 1


def test_a_history_of_only_unknown_items_gets_what_is_popular() -> None:
    model = small().fit(RING)

    ids, _ = model.recommend([[Event("never-seen", START, "view")], []], 5)

    assert ids[0] == ids[1]
    assert len(ids[0]) == 5


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_one_user_and_one_item_are_enough_to_train_on(rows: int) -> None:
    one = Interactions.from_columns(["u"] * rows, ["i"] * rows, range(START, START + rows), ["view"] * rows)

    model = Hrnn().fit(one)

    assert model.recommend([[Event("i", START, "view")] * 3, []], 5)[0] == [["i"], ["i"]]


def test_ten_thousand_histories_of_garbage_each_get_a_list() -> None:
    model = small().fit(RING)
    chance = np.random.default_rng(3)
    times = [0, -1, 2**62, -(2**63), 2**80, float("nan"), float("-inf"), START, None, "soon"]
    names = [*RING.item_ids, "", "\ud800", "x" * 300, "i00\0"]

    for _ in range(10_000):
        history = [
            Event(names[chance.integers(len(names))], times[chance.integers(len(times))], str(chance.integers(3)))  # type: ignore[arg-type]
            for _ in range(chance.integers(6))
        ]
        ids, scores = model.recommend([history], 3)

        assert len(ids[0]) == 3
        assert np.isfinite(scores[0]).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_dimension", 31),
        ("bptt", 1),
        ("min_user_history_length_percentile", -0.1),
        ("max_user_history_length_percentile", 1.1),
        ("width", 0),
        ("passes", -1),
        ("learning_rate", float("nan")),
        ("dropout", 1),
        ("n_sampled", 0),
        ("window", 0),
        ("session_gap_s", 0),
        ("history_size", 0),
        ("temperature", 0),
        ("validation_users", -1),
    ],
)
def test_a_hyperparameter_out_of_range_is_refused_by_name(name: str, value: float) -> None:
    model = Hrnn()
    setattr(model, name, value)

    with pytest.raises(InvalidHyperparameter, match=name):
        model.fit(RING)


def test_percentiles_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidHyperparameter, match="in order"):
        Hrnn(min_user_history_length_percentile=0.9, max_user_history_length_percentile=0.5).fit(RING)


def test_a_large_catalogue_is_found_by_an_index_that_the_artifact_keeps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = small().fit(RING)
    monkeypatch.setattr(recurrent_answers, "MOST_WITHOUT", N_ITEMS - 1)
    model = small().fit(RING)
    artifacts.save(tmp_path / "model", model)
    histories = [[event(item), event(item + 1, START + 60)] for item in range(N_ITEMS)]
    allowed = np.arange(N_ITEMS) % 2 == 0

    kept = artifacts.load(tmp_path / "model").model

    assert isinstance(kept.scoring(kept.encode(histories[0])), Products)
    assert kept.recommend(histories, 5, allowed)[0] == whole.recommend(histories, 5, allowed)[0]
    assert kept.recommend([[]], 5)[0] == whole.recommend([[]], 5)[0]


@pytest.mark.parametrize("is_timed", [True, False])
@pytest.mark.parametrize("length", [1, 3, 30])
def test_an_explanation_reads_what_is_left_as_if_it_were_all(is_timed: bool, length: int) -> None:
    model = able(is_timed=is_timed, passes=1).fit(RING)
    times = np.cumsum([60 if step % 5 else 2 * DAY for step in range(length)])
    history = [event(7 * step, START + int(time)) for step, time in enumerate(times)]
    encoded = model.encode(history)
    newest = encoded.items[-1:]

    whole, without = model.score_without(encoded, newest, np.arange(N_ITEMS))

    np.testing.assert_allclose(whole, model.score_history(encoded), rtol=1e-3)
    left = encoded.part(0, length - 16) if length > 16 else encoded.part(0, 0)
    kept = encoded.tail(16).without(int(newest[0]))
    joined = encoded._replace(
        items=np.concatenate((left.items, kept.items)),
        event_types=left.event_types + kept.event_types,
        timestamps=np.concatenate((left.timestamps, kept.timestamps)),
    )
    np.testing.assert_allclose(without, model.score_history(joined), rtol=1e-3)
