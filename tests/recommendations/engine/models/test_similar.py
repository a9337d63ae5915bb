from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.similar import SimilarItems


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


def test_similar_items_keep_what_is_popular_by_the_weight_of_its_events() -> None:
    log = Interactions.from_columns(list("uvwxu"), list("aabbc"), list(range(5)), ["view"] * 4 + ["purchase"])

    model = SimilarItems(event_weights={"purchase": 3.0}).fit(log)

    assert [model.item_ids_[item] for item in model.general_items().tolist()] == ["c", "a", "b"]


def test_similar_items_beside_one_are_its_row_and_the_item_as_high_as_the_best_of_it() -> None:
    model = SimilarItems().fit(make_pairs())
    (shoe,) = model.indices_of(["shoe"])
    row = model.score([Event("shoe", 0, "view")])

    beside = model.scoring_beside(np.array([shoe]), np.ones(1, np.float32)).all()

    assert beside[shoe] == row.max() > 0
    np.testing.assert_array_equal(np.delete(beside, shoe), np.delete(row, shoe))


def test_similar_items_beside_a_mixture_are_its_parts_by_their_weights() -> None:
    model = SimilarItems().fit(make_pairs())
    shoe, coat = places = model.indices_of(["shoe", "coat"])
    alone = [model.scoring_beside(np.array([place]), np.ones(1, np.float32)).all() for place in places]

    mixed = model.scoring_beside(places, np.array([0.75, 0.25], np.float32)).all()

    np.testing.assert_allclose(mixed, 0.75 * alone[0] + 0.25 * alone[1], rtol=1e-6)
    assert mixed[shoe] > mixed[coat]
    assert not model.scoring_beside(np.empty(0, np.intp), np.empty(0, np.float32)).all().any()


def test_similar_items_refuse_wrong_hyperparameters_by_name() -> None:
    for arguments, said in (({"window": 0}, "window is 0"), ({"row_size": 0}, "row_size is 0")):
        with pytest.raises(InvalidHyperparameter, match=said):
            SimilarItems(**arguments).fit(make_pairs())  # type: ignore[arg-type]


def make_shop() -> Interactions:
    """Forty shoes and forty coats that go together each, and one new item of either kind, the shoe bought once."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:03}", f"{('shoe', 'coat')[user % 2]}-{item:02}", time)
        for user in range(300)
        for time, item in enumerate(rng.integers(0, 40, 6).tolist())
    ]
    rows.append(("u000", "shoe-new", 9))
    users, items, times = zip(*rows, strict=True)
    log = Interactions.from_columns(users, items, times, ["view"] * len(rows))
    ids = [f"{kind}-{name}" for kind in ("shoe", "coat") for name in (*(f"{item:02}" for item in range(40)), "new")]
    return log.with_metadata(Metadata.build(ids, categorical={"KIND": [(id_[:4],) for id_ in ids]}))


@pytest.mark.parametrize("kind", ["shoe", "coat"])
def test_similar_items_of_a_new_item_are_of_its_kind(kind: str) -> None:
    model = SimilarItems(row_size=30).fit(make_shop())

    (ids,), _ = model.recommend([[Event(f"{kind}-new", 0, "view")]], 30)

    assert len(ids) == 30
    assert {item[:4] for item in ids} == {kind}
    assert f"{kind}-new" not in ids


def test_similar_items_of_an_item_with_many_events_are_as_without_attributes() -> None:
    shop = make_shop()
    known, unknown = SimilarItems().fit(shop), SimilarItems().fit(shop.with_metadata())

    for item in ("shoe-03", "coat-17"):
        np.testing.assert_array_equal(known.score([Event(item, 0, "view")]), unknown.score([Event(item, 0, "view")]))


def test_similar_items_are_compared_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SimilarItems().fit(make_shop())
    monkeypatch.setattr("recommendations.engine.models.similar.ENTRIES_AT_ONCE", 1)

    in_blocks = SimilarItems().fit(make_shop())

    np.testing.assert_allclose(whole.similarities_, in_blocks.similarities_, rtol=1e-5)
