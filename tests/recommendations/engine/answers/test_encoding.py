from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.answers.encoding import Encoded, Traits, encode_history
from recommendations.engine.answers.explaining import MOST_TAKEN_OUT
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats

INDEX = {"a": 0, "b": 1, "c": 2}
HISTORY = [Event("a", 10, "view"), Event("x", 20, "view"), Event("b", 30, "hide"), Event("c", 40, "cart")]


class LastKind(Repeats):
    """Scores only what was carted, which no order of items tells."""

    def scoring(self, encoded: Encoded) -> Somewhere:
        carted = np.unique(encoded.items[[kind == "cart" for kind in encoded.event_types]])
        return Somewhere(carted, np.ones(len(carted), np.float32), len(self.item_ids_))


def test_encode_leaves_out_unknown_items_and_types_of_weight_zero() -> None:
    weights = {"hide": 0.0, "cart": 3.0}

    encoded = encode_history(HISTORY, INDEX, weights)

    assert encoded.items.tolist() == [0, 2]
    assert encoded.items.dtype == np.intp
    assert encoded.event_types == ("view", "cart")
    assert encoded.timestamps.tolist() == [10, 40]


def test_encode_of_nothing_known_is_empty_and_keeps_its_types() -> None:
    encoded = encode_history([Event("x", 1, "view")], INDEX, None)

    assert (len(encoded.items), encoded.event_types, len(encoded.timestamps)) == (0, (), 0)
    assert encoded.items.dtype == np.intp
    assert encoded.timestamps.dtype == np.int64


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), 2**70, None, "noon"])
def test_encode_takes_a_time_that_is_no_number_for_that_of_the_event_before(broken: object) -> None:
    history = [Event("a", 10, "view"), Event("b", broken, "view"), Event("c", 40, "view")]  # type: ignore[arg-type]

    assert encode_history(history, INDEX, None).timestamps.tolist() == [10, 10, 40]
    assert encode_history(history[1:], INDEX, None).timestamps.tolist() == [0, 40]


def test_without_takes_out_every_event_on_an_item() -> None:
    encoded = encode_history([*HISTORY, Event("a", 50, "view")], INDEX, None)

    left = encoded.without(0)

    assert left.items.tolist() == [1, 2]
    assert left.event_types == ("hide", "cart")
    assert left.timestamps.tolist() == [30, 40]


@pytest.mark.parametrize(("n_events", "expected"), [(1, [2]), (2, [1, 2]), (9, [0, 1, 2])])
def test_tail_is_the_newest_events(n_events: int, expected: list[int]) -> None:
    encoded = encode_history(HISTORY, INDEX, None)

    tail = encoded.tail(n_events)

    assert tail.items.tolist() == expected
    assert len(tail.event_types) == len(tail.timestamps) == len(expected)


def test_a_blend_hands_kinds_and_times_to_its_parts() -> None:
    interactions = Interactions.from_columns(["u"] * 3, ["a", "b", "c"], [1, 2, 3], ["view"] * 3)
    parts: dict[str, Recommender] = {"kind": LastKind(), "popularity": Popularity()}
    model = Blend(parts, weights={"kind": 1.0}).fit(interactions)

    ids, _ = model.recommend([[Event("a", 1, "view"), Event("b", 2, "cart"), Event("c", 3, "view")]], 5)

    assert ids == [["b"]]
    assert [each.item_id for each in model.explain([Event("b", 2, "cart"), Event("c", 3, "view")], "b")] == ["b"]


def test_an_explanation_tries_the_newest_items_and_no_more() -> None:
    asked: list[int] = []

    class Counting(LastKind):
        def scoring(self, encoded: Encoded) -> Somewhere:
            asked.append(len(encoded.items))
            return super().scoring(encoded)

    names = [f"i{number:02}" for number in range(60)]
    model = Counting().fit(Interactions.from_columns(["u"] * 60, names, range(60), ["view"] * 60))

    found = model.explain([Event(name, 1, "cart") for name in names], "i59")

    assert [each.item_id for each in found] == ["i59"]
    assert len(asked) == 1 + MOST_TAKEN_OUT


def test_what_everybody_does_and_who_asks_travel_with_a_shortened_history() -> None:
    traits = Traits({"city": ("Oslo",)}, {"age": 31.0})
    encoded = encode_history(HISTORY, INDEX, None)._replace(traits=traits)

    assert encoded.without(0).traits is traits
    assert encoded.tail(1).traits is traits
    assert encode_history(HISTORY, INDEX, None).traits is None


def test_recommend_hands_each_historys_traits_to_the_model() -> None:
    asked: list[Traits | None] = []

    class Asking(Repeats):
        def scoring(self, encoded: Encoded) -> Somewhere:
            asked.append(encoded.traits)
            return super().scoring(encoded)

    model = Asking().fit(Interactions.from_columns(["u", "u"], ["a", "b"], [1, 2], ["view"] * 2))
    traits = Traits({}, {"age": 31.0})

    model.recommend([[Event("a", 1, "view")], []], 1, traits=[None, traits])

    assert asked == [None, traits]
