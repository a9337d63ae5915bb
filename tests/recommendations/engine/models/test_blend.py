from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.ease import Ease
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.training import TrainingRun


def make_walks(n_users: int = 400) -> Interactions:
    """Each item is followed by the next one on a ring of 30, so that rules know all and popularity nothing."""
    starts = np.random.default_rng(0).integers(0, 30, n_users).tolist()
    rows = [
        (f"u{user:03}", f"i{(start + step) % 30:02}", step * 60)
        for user, start in enumerate(starts)
        for step in range(12)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def make_parts() -> dict[str, Recommender]:
    return {"rules": SequentialRules(), "popularity": Popularity(), "repeats": Repeats()}


def test_blend_chooses_the_part_that_foretells() -> None:
    model = Blend(make_parts(), default_weights={"rules": 0.1, "popularity": 1.0}).fit(make_walks())

    weights = model.chosen_weights()

    assert weights["rules"] > 0.1
    assert model.recommend([[Event("i05", 0, "view")]], 1)[0] == [["i06"]]


def test_blend_keeps_given_weights_and_trains_once() -> None:
    notes: list[str] = []
    given = {"rules": 2.0, "repeats": -0.5}

    model = Blend(make_parts(), weights=given).fit(make_walks(), progress=lambda _, note: notes.append(note))

    assert model.chosen_weights() == {"rules": 2.0, "popularity": 0.0, "repeats": -0.5}
    assert not any("validation" in note for note in notes)


def test_blend_stays_with_the_default_weights_on_little_data_or_a_small_budget() -> None:
    default = {"rules": 0.7, "popularity": 0.2}
    expected = {"rules": 0.7, "popularity": 0.2, "repeats": 0.0}

    little = Blend(make_parts(), default_weights=default).fit(make_walks(n_users=20))
    hurried = Blend(make_parts(), default_weights=default).fit(make_walks(), budget_s=0.0)

    assert little.chosen_weights() == expected
    assert hurried.chosen_weights() == expected


def test_blend_scales_each_part_by_its_own_maximum() -> None:
    parts: dict[str, Recommender] = {"rules": SequentialRules(), "popularity": Popularity()}
    model = Blend(parts, weights={"rules": 1.0, "popularity": 0.5}).fit(make_walks())
    history = [Event("i05", 0, "view")]

    scores = model.score(history)

    rules, popular = (part.score(history) for part in model.parts_.values())
    np.testing.assert_allclose(scores, rules / rules.max() + 0.5 * popular / popular.max(), rtol=1e-5)


def test_blend_offers_what_counts_against_last_but_never_drops_it() -> None:
    model = Blend(make_parts(), weights={"popularity": 0.1, "repeats": -1.5}).fit(make_walks())

    ids, _ = model.recommend([[Event("i05", 0, "view")]], 30)

    assert len(ids[0]) == 30
    assert ids[0][-1] == "i05"


def test_blend_never_changes_the_parts_it_was_given() -> None:
    parts = make_parts()

    Blend(parts).fit(make_walks())

    assert not any(part.is_fitted() for part in parts.values())


def test_blend_counts_against_what_is_never_wanted_again() -> None:
    parts = {"popularity": Popularity(), "repeats": Repeats()}

    model = Blend(parts, default_weights={"popularity": 1.0}, questions="newest_tenth").fit(make_walks())

    assert model.chosen_weights()["repeats"] < 0


def test_blend_wants_again_what_its_shoppers_come_back_to() -> None:
    rows = [(f"u{user:03}", f"i{(user + step % 3) % 30:02}", step * 60) for user in range(200) for step in range(9)]
    users, items, times = zip(*rows, strict=True)
    log = Interactions.from_columns(users, items, times, ["view"] * len(rows))
    parts = {"popularity": Popularity(), "repeats": Repeats()}

    allowed = Blend(parts, default_weights={"popularity": 1.0}).fit(log).chosen_weights()
    new_only = Blend(parts, default_weights={"popularity": 1.0}, repeats=False).fit(log).chosen_weights()

    assert allowed["repeats"] > 0
    assert new_only["repeats"] == 0


def test_blend_validates_on_users_that_its_parts_have_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trained_on: list[set[int]] = []
    learn = SequentialRules._learn

    def spy(self: SequentialRules, interactions: Interactions, *rest: object) -> None:
        trained_on.append(set(interactions.users.tolist()))
        learn(self, interactions, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(SequentialRules, "_learn", spy)
    log = make_walks()

    Blend(make_parts()).fit(log)

    cut, whole = trained_on
    assert len(whole) == log.n_users
    assert len(cut) == 320


def test_blend_keeps_no_part_of_weight_zero() -> None:
    model = Blend(make_parts(), weights={"rules": 1.0}).fit(make_walks())

    assert list(model.parts_) == ["rules"]
    assert model.chosen_weights() == {"rules": 1.0, "popularity": 0.0, "repeats": 0.0}
    assert model.taking_part() == {"rules": 1.0}


def test_blend_always_keeps_a_part_that_answers_newcomers() -> None:
    model = Blend(make_parts(), default_weights={"rules": 1.0}).fit(make_walks())

    assert model.chosen_weights()["popularity"] > 0
    assert len(model.recommend([[]], 30)[0][0]) == 30


@pytest.mark.parametrize(("max_items", "taking_part"), [(30, "ease"), (29, "item_knn")])
def test_blend_substitutes_a_part_that_does_not_suit(max_items: int, taking_part: str) -> None:
    parts = {"ease": Ease(max_items=max_items), "item_knn": ItemNeighbours(), "popularity": Popularity()}

    model = Blend(parts, substitutes={"item_knn": "ease"}).fit(make_walks())

    assert set(model.parts_) <= {taking_part, "popularity"}
    assert taking_part in model.parts_


class Slow(SequentialRules):
    """Rules that pretend to train for minutes, and remember what on."""

    trains_long: ClassVar[bool] = True
    trainings: ClassVar[list[int]] = []

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        self.trainings.append(len(interactions))
        super()._learn(interactions, weights, run)


def test_blend_trains_a_long_part_once_and_without_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slow, "trainings", [])
    log = make_walks()
    parts: dict[str, Recommender] = {"popularity": Popularity(), "slow": Slow()}

    model = Blend(parts, default_weights={"popularity": 1.0}).fit(log, budget_s=60.0)

    assert model.chosen_weights()["slow"] > 0
    (n_rows,) = Slow.trainings
    assert 0.9 * len(log) < n_rows < len(log)


def test_blend_leaves_a_long_part_out_without_a_budget_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slow, "trainings", [])
    parts: dict[str, Recommender] = {"popularity": Popularity(), "slow": Slow()}

    for budget_s in (None, 10.0):
        model = Blend(parts).fit(make_walks(), budget_s=budget_s)

        assert model.chosen_weights()["slow"] == 0
    assert Slow.trainings == []


def test_blend_says_why_a_part_takes_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slow, "trainings", [])
    parts: dict[str, Recommender] = {
        "rules": SequentialRules(),
        "popularity": Popularity(),
        "ease": Ease(),
        "item_knn": ItemNeighbours(),
        "small": Ease(max_items=1),
        "slow": Slow(),
    }

    model = Blend(parts, {"rules": 1.0, "ease": 0.1}, substitutes={"item_knn": "ease"}).fit(make_walks(), budget_s=20.0)

    reasons = model.why_left_out()
    assert set(reasons) == {name for name, weight in model.chosen_weights().items() if not weight}
    assert reasons["item_knn"] == "ease takes its place"
    assert reasons["small"] == "it does not suit the data"
    assert reasons["slow"].endswith("takes 29 CPU-seconds or more, and the budget is 20")
    without = Blend({"rules": SequentialRules(), "slow": Slow()}).fit(make_walks())
    assert without.why_left_out()["slow"].endswith("and no budget is given")


class GoingOn(Slow):
    """A slow part that remembers what it went on from, and whose newest events it saw."""

    seen: ClassVar[list[Interactions]] = []

    def warm_start_from(self, previous: Recommender | None) -> GoingOn:
        self.before = previous
        return self

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        super()._learn(interactions, weights, run)
        self.seen.append(interactions)
        self.goes_on_ = getattr(self, "before", None) is not None


def rows_of(log: Interactions) -> set[tuple[str, int]]:
    return {(log.user_ids[user], time) for user, time in zip(log.users.tolist(), log.timestamps.tolist(), strict=True)}


def test_blend_goes_on_from_last_night_and_asks_what_neither_night_has_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(GoingOn, "seen", [])
    monkeypatch.setattr(Slow, "trainings", [])
    parts: dict[str, Recommender] = {"popularity": Popularity(), "slow": GoingOn()}
    log = make_walks()

    first = Blend(parts, questions="newest_tenth").fit(log, budget_s=60.0)
    second = Blend(parts, questions="newest_tenth", seed=5).warm_start_from(first).fit(log, budget_s=60.0)

    assert not first.goes_on_
    assert second.goes_on_
    assert second.parts_["slow"].before is first.parts_["slow"]  # type: ignore[attr-defined]
    assert (len(first.asked_), len(second.asked_)) == (80, 79)
    assert set(second.asked_.tolist()) < set(first.asked_.tolist())
    answers = rows_of(log) - rows_of(GoingOn.seen[1])
    assert len(answers) == 79 * 2
    assert answers.isdisjoint(rows_of(GoingOn.seen[0]))


def test_blend_begins_anew_where_last_night_has_learned_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GoingOn, "seen", [])
    monkeypatch.setattr(Slow, "trainings", [])
    parts: dict[str, Recommender] = {"popularity": Popularity(), "slow": GoingOn()}
    log = make_walks()

    knowing = Blend(parts, weights={"slow": 1.0}).fit(log)
    model = Blend(parts, questions="newest_tenth").warm_start_from(knowing).fit(log, budget_s=60.0)
    next_event = Blend(parts).warm_start_from(knowing).fit(log, budget_s=60.0)
    given = Blend(parts, weights={"slow": 1.0}).warm_start_from(knowing).fit(log)
    of_another_kind = Blend(parts, weights={"slow": 1.0}).warm_start_from(Popularity().fit(log)).fit(log)

    assert not model.goes_on_
    assert len(model.asked_) == 80
    assert not next_event.goes_on_
    assert given.goes_on_
    assert given.clone().previous is knowing
    assert not of_another_kind.goes_on_


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"parts": {}}, "parts is empty"),
        ({"parts": {"rules": SequentialRules()}, "weights": {"rule": 1.0}}, r"weights\['rule'\] names no part"),
        ({"parts": {"rules": SequentialRules()}, "weights": {"rules": -1.0}}, r"weights\['rules'\] is -1"),
        ({"parts": {"rules": SequentialRules(window=0)}}, "window is 0"),
        ({"parts": {"rules": SequentialRules()}, "questions": "everything"}, "questions is 'everything'; give one of"),
        ({"parts": {"rules": SequentialRules()}, "substitutes": {"rule": "rules"}}, "substitutes names 'rule'"),
    ],
)
def test_blend_refuses_wrong_hyperparameters_by_name(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=said):
        Blend(**arguments).fit(make_walks())  # type: ignore[arg-type]
