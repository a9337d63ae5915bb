from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.answers.products import PositiveProducts
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.content import Content
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.rules import SequentialRules

KINDS = ("shoe", "hat", "coat")


def make_shop(n_users: int = 150) -> Interactions:
    """Shoppers stay with one kind of ten items each; of every kind two more items are new."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:03}", f"{KINDS[user % 3]}-{item}", step * 60)
        for user in range(n_users)
        for step, item in enumerate(rng.permutation(10)[:6].tolist())
    ]
    users, items, times = zip(*rows, strict=True)
    log = Interactions.from_columns(users, items, times, ["view"] * len(rows))
    ids = [f"{kind}-{name}" for kind in KINDS for name in (*range(10), "new1", "new2")]
    return log.with_metadata(Metadata.build(ids, categorical={"KIND": [(id_.split("-")[0],) for id_ in ids]}))


def view(item: str) -> Event:
    return Event(item, 0, "view")


def test_content_recommends_new_items_of_the_kind_that_a_shopper_looks_at() -> None:
    model = Content(width=16).fit(make_shop())
    is_new = np.array(["new" in item for item in model.item_ids_])

    lists, _ = model.recommend([[view(f"{kind}-3"), view(f"{kind}-5")] for kind in KINDS], 2, is_new)

    assert [set(each) for each in lists] == [{f"{kind}-new1", f"{kind}-new2"} for kind in KINDS]


def test_content_reads_a_history_of_new_items() -> None:
    model = Content(width=16).fit(make_shop())

    ((*best,),), _ = model.recommend([[view("hat-new1")]], 5)

    assert {item.split("-")[0] for item in best} == {"hat"}


def test_content_believes_events_more_the_more_there_are() -> None:
    shop = make_shop()
    trusting, doubting = (Content(width=16, shrinkage=each).fit(shop) for each in (0.0, 1e6))

    apart = [np.linalg.norm(model.rights_[1:11] - model.rights_[1], axis=1).max() for model in (trusting, doubting)]

    assert apart[0] > 10 * apart[1]


def test_content_scores_items_without_events_and_attributes_0() -> None:
    shop = make_shop()
    known = Metadata.build(["coat-0", "shoe-1"], categorical={"KIND": [("coat",), ("shoe",)]})

    model = Content(width=16).fit(shop.with_metadata(known.align((*shop.item_ids, "zebra"))))

    assert model.score([view("shoe-1")])[-1] == 0
    assert not model.score([]).any()


def test_content_of_a_large_catalogue_is_found_by_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Content(width=16).fit(make_shop())
    monkeypatch.setattr("recommendations.engine.models.content.MOST_WITHOUT", 10)

    indexed = Content(width=16).fit(make_shop())

    assert isinstance(indexed.scoring(indexed.encode([view("hat-2")])), PositiveProducts)
    for history in ([], [view("hat-2")], [view("shoe-new1"), view("coat-3")]):
        expected, found = (model.recommend([history], 12) for model in (whole, indexed))
        assert found[0] == expected[0]
        np.testing.assert_allclose(found[1][0], expected[1][0], rtol=1e-4)


def test_content_of_many_events_is_learned_from_some_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommendations.engine.models.content.MOST_EVENTS", 300)
    shop = make_shop()

    model = Content(width=16).fit(shop)

    assert model.recommend([[view("coat-3")]], 1)[0][0][0].startswith("coat")


def test_content_refuses_data_without_attributes() -> None:
    shop = make_shop()
    for plain in (shop.with_metadata(), shop.with_metadata(Metadata.build(shop.item_ids))):
        assert not Content().suits(plain)
        with pytest.raises(NotEnoughData, match="Import an Items dataset"):
            Content().fit(plain)


def test_content_refuses_wrong_hyperparameters_by_name() -> None:
    for arguments, said in (
        ({"width": 0}, "width is 0"),
        ({"regularisation": 0}, "regularisation is 0"),
        ({"shrinkage": -1}, "shrinkage is -1"),
    ):
        with pytest.raises(InvalidHyperparameter, match=said):
            Content(**arguments).fit(make_shop())  # type: ignore[arg-type]


def make_blend() -> Blend:
    return Blend(
        {"rules": SequentialRules(), "popularity": Popularity(), "content": Content(width=16)},
        default_weights={"rules": 1.0, "popularity": 0.1},
    )


def test_content_puts_new_items_behind_the_others_where_a_blend_gives_it_no_weight() -> None:
    model = Blend(
        {"rules": SequentialRules(), "popularity": Popularity(), "content": Content(width=16)},
        default_weights={"rules": 1.0, "popularity": 0.1},
    ).fit(make_shop(n_users=20))

    scores = dict(zip(model.item_ids_, model.score([view("hat-1")]).tolist(), strict=True))

    assert 0 < model.chosen_weights()["content"] <= 0.001
    assert (
        0 < scores["hat-new1"] < min(score for item, score in scores.items() if item[:3] == "hat" and "new" not in item)
    )


def test_content_takes_no_part_in_a_blend_without_attributes() -> None:
    plain = make_shop().with_metadata().take(np.ones(900, np.bool_))

    model = make_blend().fit(plain)

    assert model.chosen_weights()["content"] == 0
    assert "content" not in model.parts_
    assert len(model.item_ids_) == 30
