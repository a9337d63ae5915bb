"""One contract that every engine model keeps, on data whose answer is known by construction."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine import artifacts
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import (
    InvalidHyperparameter,
    NotEnoughData,
    NotFitted,
    TrainingStopped,
    UnknownId,
)
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.ease import Ease
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.hrnn_metadata import HrnnMetadata
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.similar import SimilarItems
from recommendations.engine.models.transformer import Transformer
from recommendations.engine.models.trending import Trending
from recommendations.engine.models.vsknn import SessionNeighbours
from recommendations.engine.recipes import RECIPES, build_recommender

SIZE = 60
Factory = Callable[[], Recommender]

FACTORIES: dict[str, Factory] = {
    "popularity": Popularity,
    "trending": Trending,
    "rules": SequentialRules,
    "item_knn": ItemNeighbours,
    "ease": Ease,
    "similar": SimilarItems,
    "vsknn": lambda: SessionNeighbours(session_gap_s=7 * 86_400),
    "repeats": Repeats,
    "hrnn": lambda: Hrnn(hidden_dimension=32, width=16, passes=4),
    **{name: lambda name=name: build_recommender(name) for name in RECIPES},  # type: ignore[misc]
}
if importlib.util.find_spec("torch") is not None:
    FACTORIES["transformer"] = lambda: Transformer(width=16, history_size=10, passes=4)
else:
    # Refused here, which its own tests hold it to.
    del FACTORIES["aws-user-personalization-v2"]
PERSONAL = ("rules", "item_knn", "ease", "vsknn", "hrnn", "aws-user-personalization")


def make_checkerboard(offset: int = 0) -> Interactions:
    """Even users like even items, odd users odd ones; each user's own number is withheld."""
    rng = np.random.default_rng(1)
    rows = [
        (f"u{user:03}", f"i{item + offset:03}", 1_000_000 + 3_600 * position, "product_view")
        for user in range(SIZE)
        for position, item in enumerate(rng.permutation(np.arange(user % 2, SIZE, 2)).tolist())
        if item != user
    ]
    users, items, times, types = zip(*rows, strict=True)
    return describe(Interactions.from_columns(users, items, times, types))


def describe(interactions: Interactions) -> Interactions:
    """Give every item an attribute, which some models cannot do without, and others may use."""
    kinds = [(f"ends in {item_id[-1]}",) for item_id in interactions.item_ids]
    return interactions.with_metadata(Metadata.build(interactions.item_ids, categorical={"kind": kinds}))


BOARD = make_checkerboard()


def history_of(user: int) -> list[Event]:
    return BOARD.history(f"u{user:03}")


@functools.cache
def fit_once(name: str) -> Recommender:
    """A model for all tests that only ask: asking changes none, as one of them sees to."""
    return FACTORIES[name]().fit(BOARD)


@pytest.fixture(params=list(FACTORIES))
def factory(request: pytest.FixtureRequest) -> Factory:
    return FACTORIES[request.param]


@pytest.fixture(params=list(FACTORIES))
def model(request: pytest.FixtureRequest) -> Recommender:
    return fit_once(request.param)


def test_recommend_returns_one_list_of_at_most_k_for_each_history(model: Recommender) -> None:
    ids, scores = model.recommend([history_of(0), history_of(1)[:3], []], 7)

    assert len(ids) == len(scores) == 3
    for items, values in zip(ids, scores, strict=True):
        assert len(items) == len(values) <= 7
        assert len(set(items)) == len(items)
        assert values.dtype == np.float32
        assert (np.diff(values) <= 0).all()
        assert set(items) <= set(BOARD.item_ids)


@pytest.mark.parametrize("name", PERSONAL)
def test_recommend_tells_even_shoppers_from_odd_ones(name: str) -> None:
    model = fit_once(name)

    ids, _ = model.recommend([history_of(user) for user in range(10)], 10)

    for user, items in enumerate(ids):
        assert {int(item[1:]) % 2 for item in items} == {user % 2}


@pytest.mark.parametrize("name", PERSONAL)
def test_recommend_finds_the_withheld_item(name: str) -> None:
    model = fit_once(name)

    for user in range(10):
        seen = model.allow_all()
        seen[model.indices_of(event.item_id for event in history_of(user))] = False
        ids, _ = model.recommend([history_of(user)], 1, seen)

        assert ids == [[f"i{user:03}"]]


def test_recommend_with_k_above_the_catalogue_returns_each_item_at_most_once(model: Recommender) -> None:
    ids, _ = model.recommend([history_of(0)], 10_000)

    assert len(ids[0]) == len(set(ids[0])) <= SIZE


def test_recommend_returns_only_allowed_items(model: Recommender) -> None:
    allowed = np.zeros(len(model.item_ids_), np.bool_)
    allowed[[2, 4, 5]] = True

    ids, _ = model.recommend([history_of(0), history_of(1), []], 25, allowed)

    assert all(set(items) <= {"i002", "i004", "i005"} for items in ids)


def test_recommend_refuses_a_mask_of_the_wrong_shape_or_no_items(model: Recommender) -> None:
    with pytest.raises(ValueError, match="allowed has shape"):
        model.recommend([[]], 5, np.ones(3, np.bool_))
    with pytest.raises(ValueError, match="k is 0"):
        model.recommend([[]], 0)


def test_recommend_answers_an_empty_history_as_its_flag_says(model: Recommender) -> None:
    ids, _ = model.recommend([[]], 5)

    assert len(ids[0]) == (5 if model.recommends_for_cold else 0)


def test_recommend_ignores_items_it_has_never_seen(model: Recommender) -> None:
    history = history_of(3)
    stranger = Event("never-seen", 2_000_000, "product_view")

    assert model.recommend([[stranger, *history, stranger]], 10)[0] == model.recommend([history], 10)[0]


def test_recommend_does_not_change_the_model(factory: Factory) -> None:
    model = factory().fit(BOARD)
    before = model.score(history_of(0)).copy()

    model.recommend([history_of(1), [], history_of(2)], 25)

    np.testing.assert_array_equal(model.score(history_of(0)), before)


def test_score_is_dense_finite_and_never_negative(model: Recommender) -> None:
    for history in ([], history_of(0), history_of(0) * 10):
        scores = model.score(history)

        assert scores.shape == (len(model.item_ids_),)
        assert np.isfinite(scores).all()
        assert (scores >= 0).all()


def test_explain_names_only_items_of_the_history(model: Recommender) -> None:
    history = history_of(0)
    best = (model.recommend([history], 1)[0] or [["i000"]])[0][0]

    contributions = model.explain(history, best, 3)

    assert len(contributions) <= 3
    assert {each.item_id for each in contributions} <= {event.item_id for event in history}
    assert all(each.amount > 0 for each in contributions)
    with pytest.raises(UnknownId, match="never-seen"):
        model.explain(history, "never-seen")


def test_explain_list_says_of_every_item_what_explain_does(model: Recommender) -> None:
    history = history_of(0)
    listed = model.recommend([history], 5)[0][0]

    found = model.explain_list(history, [*listed, "never-seen"], 3)

    assert found.keys() == {*listed, "never-seen"}
    assert found["never-seen"] == []
    for item_id in listed:
        alone = [each.amount for each in model.explain(history, item_id, 3)]
        assert [each.amount for each in found[item_id]] == pytest.approx(alone, rel=1e-3)


@pytest.mark.parametrize("n_allowed", [0, 7, 1_000])
def test_score_candidates_hold_the_best_of_the_allowed_items(model: Recommender, n_allowed: int) -> None:
    for history in ([], history_of(0), history_of(2) * 10):
        encoded = model.encode(history)
        dense = model.score_history(encoded).copy()
        allowed = np.zeros(len(dense), np.bool_)
        allowed[:n_allowed] = True

        found = model.score_candidates(encoded, allowed, 5)

        best = top_k(dense, 5, allowed)
        assert (np.diff(found.items) > 0).all()
        assert allowed[found.items].all()
        assert (found.scores > 0).all()
        assert set(best.tolist()) <= set(found.items.tolist())
        assert found.best(5).items.tolist() == best.tolist()
        np.testing.assert_allclose(found.scores, dense[found.items], rtol=1e-5)


def test_score_at_is_the_score_of_some_items(model: Recommender) -> None:
    items = np.array([3, 0, 5], np.intp)
    for history in ([], history_of(0), history_of(2) * 10):
        encoded = model.encode(history)

        scores = model.score_at(encoded, items)

        np.testing.assert_allclose(scores, model.score_history(encoded)[items], rtol=1e-5, atol=1e-12)


def test_recommend_refuses_traits_of_another_number_than_histories(model: Recommender) -> None:
    with pytest.raises(ValueError, match="traits holds 1 users and histories 2"):
        model.recommend([history_of(0), history_of(1)], 5, traits=[None])


def test_fit_returns_the_model_and_keeps_its_hyperparameters(factory: Factory) -> None:
    model = factory()
    before = model.hyperparameters()

    assert model.fit(BOARD) is model
    assert model.hyperparameters() == before


def test_fit_again_forgets(factory: Factory) -> None:
    other = make_checkerboard(offset=500)
    model = factory().fit(BOARD)

    model.fit(other)

    assert model.item_ids_ == other.item_ids
    fresh = factory().fit(other)
    for name, array in fresh.learned_arrays().items():
        np.testing.assert_array_equal(model.learned_arrays()[name], array)


def test_fit_with_one_seed_gives_one_model(factory: Factory, tmp_path: Path) -> None:
    for name in ("a", "b"):
        artifacts.save(tmp_path / name, factory().fit(BOARD))

    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_fit_does_not_depend_on_the_order_of_the_rows(factory: Factory) -> None:
    order = np.random.default_rng(2).permutation(len(BOARD))
    shuffled = Interactions.from_columns(
        [BOARD.user_ids[user] for user in BOARD.users[order]],
        [BOARD.item_ids[item] for item in BOARD.items[order]],
        BOARD.timestamps[order].tolist(),
        [BOARD.event_types[kind] for kind in BOARD.types[order]],
    )

    expected = factory().fit(BOARD).score(history_of(0))

    np.testing.assert_array_equal(factory().fit(describe(shuffled)).score(history_of(0)), expected)


def test_fit_reports_a_share_that_never_falls_and_ends_at_one(factory: Factory) -> None:
    shares: list[float] = []

    factory().fit(BOARD, progress=lambda share, _: shares.append(share))

    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] == 1


def test_fit_stops_when_asked_and_leaves_nothing_fitted(factory: Factory) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    model = factory().fit(BOARD)

    with pytest.raises(TrainingStopped):
        model.fit(BOARD, should_stop=should_stop)
    with pytest.raises(NotFitted):
        model.recommend([[]], 5)


def test_fit_without_a_usable_event_says_so(factory: Factory) -> None:
    model = factory()
    model.event_weights = {"product_view": 0.0}

    with pytest.raises(NotEnoughData, match="product_view"):
        model.fit(BOARD)


def test_fit_refuses_a_negative_event_weight(factory: Factory) -> None:
    model = factory()
    model.event_weights = {"product_view": -1.0}

    with pytest.raises(InvalidHyperparameter, match="event_weights"):
        model.fit(BOARD)


def test_fit_leaves_out_event_types_of_weight_zero(factory: Factory) -> None:
    hidden = Interactions.from_columns(
        ["u0", "u0", "u1", "u1"],
        ["a", "b", "a", "c"],
        [1, 2, 3, 4],
        ["product_view", "hide", "product_view", "product_view"],
    )
    model = factory()
    model.event_weights = {"hide": 0.0}
    # Where attributes are known, an item stays that nobody is left to have touched.
    needs_attributes = isinstance(model, HrnnMetadata)

    model.fit(describe(hidden) if needs_attributes else hidden)

    assert model.item_ids_ == (("a", "b", "c") if needs_attributes else ("a", "c"))


def test_fit_works_on_a_single_event(factory: Factory) -> None:
    one = Interactions.from_columns(["u"], ["i"], [5], ["product_view"])

    model = factory().fit(describe(one))

    assert model.recommend([[]], 5)[0] in ([["i"]], [[]])


def test_use_before_fit_says_not_fitted(factory: Factory) -> None:
    with pytest.raises(NotFitted):
        factory().recommend([[]], 5)
    with pytest.raises(NotFitted):
        factory().score([])


def test_save_and_load_give_the_same_model_from_mapped_files(model: Recommender, tmp_path: Path) -> None:
    histories = [history_of(0), history_of(1), []]

    artifacts.save(tmp_path / "model", model)
    loaded = artifacts.load(tmp_path / "model").model

    assert type(loaded) is type(model)
    assert loaded.item_ids_ == model.item_ids_
    assert loaded.recommend(histories, 25)[0] == model.recommend(histories, 25)[0]
    for history in histories:
        np.testing.assert_array_equal(loaded.score(history), model.score(history))
    assert all(isinstance(array.base, np.memmap) for array in loaded.learned_arrays().values())


def test_recommend_of_unknown_items_alone_is_as_of_no_history(model: Recommender) -> None:
    strangers = [Event("never-seen", 2_000_000, "product_view"), Event("nor-this", 2_000_001, "no-such-type")]

    assert model.recommend([strangers], 10)[0] == model.recommend([[]], 10)[0]


def test_recommend_takes_times_that_are_no_numbers(model: Recommender) -> None:
    broken = [Event("i002", float("nan"), "product_view"), Event("i004", float("inf"), "")]  # type: ignore[arg-type]

    ids, scores = model.recommend([broken], 10)

    assert len(set(ids[0])) == len(ids[0])
    assert np.isfinite(scores[0]).all()


@pytest.mark.parametrize(("n_users", "n_items"), [(1, 60), (60, 1), (1, 1), (2, 2)])
def test_fit_takes_one_user_one_item_and_doubled_rows(factory: Factory, n_users: int, n_items: int) -> None:
    pairs = [(f"u{user}", f"i{item}") for user in range(n_users) for item in range(n_items)] * 3
    users, items = zip(*pairs, strict=True)
    log = Interactions.from_columns(users, items, [1_000] * len(pairs), ["product_view"] * len(pairs))

    model = factory().fit(describe(log))

    ids, scores = model.recommend([log.history("u0"), []], 25)
    assert all(set(each) <= set(log.item_ids) and len(set(each)) == len(each) for each in ids)
    assert all(np.isfinite(each).all() for each in scores)
