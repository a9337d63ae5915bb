from __future__ import annotations

import pytest

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.evaluation.cold_items import cold_items, popularity_among
from recommendations.engine.exceptions import InvalidInteractions, NotEnoughData
from recommendations.engine.interactions import Interactions


def make_log(text: str) -> Interactions:
    """One user a word, one item a letter; `z` is an item that nobody touched."""
    rows = [(f"u{user}", item, time) for user, word in enumerate(text.split()) for time, item in enumerate(word)]
    users, items, times = zip(*rows, strict=True)
    log = Interactions.from_columns(users, items, times, ["view"] * len(rows))
    ids = sorted({*items, "z"})
    known = Metadata.build(log.user_ids, numerical={"AGE": map(float, range(log.n_users))})
    return log.with_metadata(Metadata.build(ids, categorical={"SELF": [(id_,) for id_ in ids]}), known)


LOG = make_log("abcd abdc dcba aab ba ddddd cacb")


@pytest.mark.parametrize("seed", range(5))
def test_cold_items_trains_without_the_items_it_asks_for(seed: int) -> None:
    split = cold_items(LOG, share=0.5, seed=seed)

    trained = {LOG.item_ids[item] for item in split.train.items.tolist()}
    assert len(split.new_item_ids) == 2
    assert not trained & set(split.new_item_ids)
    assert split.train.item_ids == LOG.item_ids
    for case in split.cases:
        assert case.truth <= set(split.new_item_ids)
        assert case.history
        assert not {event.item_id for event in case.history} & set(split.new_item_ids)


def test_cold_items_asks_for_each_users_first_event_on_each_of_them() -> None:
    split = cold_items(LOG, share=0.5, seed=next(seed for seed in range(99) if held_out(seed) == {"b", "d"}))

    asked = [(case.user_id, "".join(event.item_id for event in case.history), *case.truth) for case in split.cases]

    assert asked == [
        ("u0", "a", "b"),
        ("u0", "ac", "d"),
        ("u1", "a", "b"),
        ("u1", "a", "d"),
        ("u2", "c", "b"),
        ("u3", "aa", "b"),
        ("u6", "cac", "b"),
    ]
    assert split.cases[2].traits == Traits({}, {"AGE": 1.0})


def held_out(seed: int) -> set[str]:
    return set(cold_items(LOG, share=0.5, seed=seed).new_item_ids)


def test_popularity_among_the_items_held_out_counts_the_users_of_each() -> None:
    split = cold_items(LOG, share=0.5, seed=next(seed for seed in range(99) if held_out(seed) == {"b", "d"}))

    model = popularity_among(LOG, split)

    assert model.recommend([[]], 5)[0] == [["b", "d"]]
    assert model.score([]).tolist() == [0, 1, 0, pytest.approx(4 / 6, rel=1e-5), 0]


def test_cold_items_asks_a_bounded_number_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommendations.engine.evaluation.cold_items.MOST_CASES", 3)

    assert len(cold_items(LOG, share=0.5).cases) == 3


def test_cold_items_refuses_too_little_by_name() -> None:
    with pytest.raises(InvalidInteractions, match="give a file of items"):
        cold_items(LOG.with_metadata())
    with pytest.raises(NotEnoughData, match="Only 1 items have events"):
        cold_items(make_log("aaa aa"))
    with pytest.raises(NotEnoughData, match="every user has too few"):
        cold_items(make_log("a b a b"))
