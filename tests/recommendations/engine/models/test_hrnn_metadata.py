"""HRNN with metadata on worlds where attributes decide what comes next, and who wants what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine import artifacts
from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidHyperparameter, MissingMetadata, TrainingStopped
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.hrnn_coldstart import HrnnColdstart
from recommendations.engine.models.hrnn_metadata import HrnnMetadata, expect_popularity

START = 1_700_000_000
COLOURS = ("red", "green", "blue", "black")
N_ITEMS, N_NEW, N_USERS = 80, 8, 240


def item_id(number: int) -> str:
    return f"i{number:03}"


def colour_of(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def make_world() -> Interactions:
    """Everybody stays with the one colour that goes with the town; the last items are new, and nobody has had one."""
    chance = np.random.default_rng(3)
    rows = []
    for user in range(N_USERS):
        own = np.arange(user % len(COLOURS), N_ITEMS - N_NEW, len(COLOURS))
        for place, item in enumerate(chance.choice(own, 8, replace=False).tolist()):
            rows.append((f"u{user:03}", item_id(item), START + user + 60 * place))
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows)).with_metadata(
        Metadata.build(
            map(item_id, range(N_ITEMS)),
            categorical={"colour": [(colour_of(number),) for number in range(N_ITEMS)]},
            textual={"name": [f"thing number {number}" for number in range(N_ITEMS)]},
        ),
        Metadata.build(
            [f"u{user:03}" for user in range(N_USERS)],
            categorical={"town": [(f"town-{user % len(COLOURS)}",) for user in range(N_USERS)]},
        ),
    )


WORLD = make_world()
MODELS = (HrnnMetadata, HrnnColdstart)


def small(kind: type[HrnnMetadata] = HrnnMetadata, **given: object) -> HrnnMetadata:
    return kind(**{"hidden_dimension": 32, "width": 16, "passes": 5, **given})  # type: ignore[arg-type]


def town(number: int) -> Traits:
    return Traits({"town": (f"town-{number}",)}, {})


def history(colour: int, n: int = 3) -> list[Event]:
    return [Event(item_id(colour + len(COLOURS) * place), START + 60 * place, "view") for place in range(n)]


def only_new(model: HrnnMetadata) -> np.ndarray:
    allowed = ~model.allow_all()
    allowed[model.indices_of(map(item_id, range(N_ITEMS - N_NEW, N_ITEMS)))] = True
    return allowed


def bytes_of(model: Hrnn, folder: Path) -> dict[str, bytes]:
    artifacts.save(folder, model)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("kind", MODELS)
def test_new_items_are_recommended_to_whom_their_attributes_fit(kind: type[HrnnMetadata]) -> None:
    model = small(kind).fit(WORLD)

    for colour in range(len(COLOURS)):
        ids, _ = model.recommend([history(colour)], 2, only_new(model))
        assert [colour_of(int(found[1:])) for found in ids[0]] == [COLOURS[colour]] * 2


def test_without_attributes_a_network_does_not_know_new_items_apart() -> None:
    model = Hrnn(hidden_dimension=32, width=16, passes=5).fit(WORLD)
    allowed = ~model.allow_all()
    allowed[-N_NEW:] = True

    first = [model.recommend([history(colour)], 2, allowed)[0][0] for colour in range(len(COLOURS))]

    right = [[colour_of(int(found[1:])) for found in ids] == [COLOURS[colour]] * 2 for colour, ids in enumerate(first)]
    assert sum(right) < 2


@pytest.mark.parametrize("kind", MODELS)
def test_newcomers_get_what_people_like_them_want(kind: type[HrnnMetadata]) -> None:
    model = small(kind, passes=15).fit(WORLD)

    for number, colour in enumerate(COLOURS):
        ids, _ = model.recommend([[]], 10, traits=[town(number)])
        assert np.mean([colour_of(int(found[1:])) == colour for found in ids[0]]) >= 0.9


def test_newcomers_of_whom_nothing_is_known_get_what_is_popular() -> None:
    model = small().fit(WORLD)

    lists, _ = model.recommend([[], [], [Event("never-seen", START, "view")]], 5, traits=[None, town(99), None])

    assert lists[0] == lists[1] == lists[2]
    assert lists[0] == [WORLD.item_ids[item] for item in np.argsort(-model.popularity_, kind="stable")[:5]]


def test_what_is_known_of_a_shopper_changes_a_short_history_and_states_of_different_people_stay_apart() -> None:
    model = small(passes=15).fit(WORLD)
    fresh = small(passes=15).fit(WORLD)
    events = history(0, 1)

    scores = [model.recommend([events], 80, traits=[who])[1][0] for who in (town(0), town(2), None, town(0))]

    np.testing.assert_array_equal(scores[0], scores[3])
    assert not np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])
    np.testing.assert_array_equal(scores[1], fresh.recommend([events], 80, traits=[town(2)])[1][0])


def test_a_history_read_event_by_event_scores_as_the_whole_does() -> None:
    model, fresh = small().fit(WORLD), small().fit(WORLD)
    events = history(1, 9)

    for stop in range(1, 10):
        stepwise = model.recommend([events[:stop]], 80, traits=[town(1)])

    whole = fresh.recommend([events], 80, traits=[town(1)])
    assert stepwise[0] == whole[0]
    np.testing.assert_array_equal(stepwise[1][0], whole[1][0])


@pytest.mark.parametrize("kind", MODELS)
def test_a_saved_model_answers_as_it_did_and_two_trainings_give_the_same_bytes(
    kind: type[HrnnMetadata], tmp_path: Path
) -> None:
    model = small(kind).fit(WORLD)
    first, second = bytes_of(model, tmp_path / "a"), bytes_of(small(kind).fit(WORLD), tmp_path / "b")

    loaded = artifacts.load(tmp_path / "a").model

    assert first == second
    for who in (None, town(1)):
        for events in ([], history(2)):
            kept, found = (each.recommend([events], 9, traits=[who]) for each in (model, loaded))
            assert kept[0] == found[0]
            np.testing.assert_array_equal(kept[1][0], found[1][0])
    assert loaded.hyperparameters() == model.hyperparameters()


def test_items_alone_or_users_alone_are_enough_metadata() -> None:
    only_items = WORLD.with_metadata(WORLD.item_metadata)
    only_users = WORLD.with_metadata(None, WORLD.user_metadata)

    from_items, from_users = small().fit(only_items), small(passes=15).fit(only_users)

    ids, _ = from_items.recommend([history(2)], 2, only_new(from_items))
    assert [colour_of(int(found[1:])) for found in ids[0]] == ["blue"] * 2
    ids, _ = from_users.recommend([[]], 5, traits=[town(3)])
    assert {colour_of(int(found[1:])) for found in ids[0]} == {"black"}


@pytest.mark.parametrize(("kind", "named"), [(HrnnMetadata, "Items or Users"), (HrnnColdstart, "Items, or choose")])
def test_without_metadata_the_data_set_to_import_is_named(kind: type[HrnnMetadata], named: str) -> None:
    model = small(kind)

    with pytest.raises(MissingMetadata, match=named):
        model.fit(WORLD.with_metadata())
    assert not model.is_fitted()


def test_coldstart_needs_the_attributes_of_items() -> None:
    with pytest.raises(MissingMetadata, match="Items"):
        small(HrnnColdstart).fit(WORLD.with_metadata(None, WORLD.user_metadata))


def test_a_warm_start_goes_on_from_attributes_too_and_welcomes_new_items() -> None:
    last_night = small(passes=8).fit(WORLD)
    assert WORLD.item_metadata is not None
    grown = Metadata.build(
        [*WORLD.item_ids, "zz-new"],
        categorical={"colour": [*((colour_of(number),) for number in range(N_ITEMS)), ("green",)]},
    )

    tonight = small(passes=1).warm_start_from(last_night).fit(WORLD.with_metadata(grown, WORLD.user_metadata))
    afresh = small(passes=0.3, learning_rate=1.5e-3).fit(WORLD.with_metadata(grown, WORLD.user_metadata))

    allowed = ~tonight.allow_all()
    allowed[[76, 78, 79, 80]] = True
    assert tonight.recommend([history(1)], 1, allowed)[0][0] == ["zz-new"]
    assert tonight.curve_[0, 2] > afresh.curve_[0, 2]


def test_a_warm_start_from_a_network_of_ids_alone_is_possible() -> None:
    plain = Hrnn(hidden_dimension=32, width=16, passes=5).fit(WORLD)

    model = small(passes=1).warm_start_from(plain).fit(WORLD)

    ids, _ = model.recommend([history(3)], 2, only_new(model))
    assert [colour_of(int(found[1:])) for found in ids[0]] == ["black"] * 2


def test_an_interrupted_training_goes_on_to_the_very_same_model(tmp_path: Path) -> None:
    calls = 0

    def should_stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 4

    with pytest.raises(TrainingStopped):
        small().fit(WORLD, checkpoint=tmp_path / "kept", should_stop=should_stop)
    resumed = small().fit(WORLD, checkpoint=tmp_path / "kept")

    assert bytes_of(resumed, tmp_path / "a") == bytes_of(small().fit(WORLD), tmp_path / "b")


def test_a_state_kept_for_other_attributes_is_not_taken_up(tmp_path: Path) -> None:
    assert WORLD.item_metadata is not None
    repainted = Metadata.build(
        WORLD.item_ids, categorical={"colour": [(COLOURS[number % 3],) for number in range(N_ITEMS)]}
    )
    small().fit(WORLD, checkpoint=tmp_path / "kept")

    model = small().fit(WORLD.with_metadata(repainted), checkpoint=tmp_path / "kept")

    afresh = small().fit(WORLD.with_metadata(repainted))
    np.testing.assert_array_equal(model.score(history(1)), afresh.score(history(1)))


def test_items_without_an_event_are_as_popular_as_their_like() -> None:
    like = np.array([[1, 0], [1, 0], [0, 1], [1, 0], [0, 1], [0, 0]], np.float32)
    popularity = np.array([1.0, 0.5, 0.1, 0, 0, 0], np.float32)

    found = expect_popularity(popularity, sparse.csr_array(like))

    np.testing.assert_allclose(found, [1.0, 0.5, 0.1, 0.75, 0.1, 0.1])


@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_id_dropout_out_of_range_is_refused_by_name(value: float) -> None:
    with pytest.raises(InvalidHyperparameter, match="id_dropout"):
        small(id_dropout=value).fit(WORLD)


@pytest.mark.parametrize("kind", MODELS)
def test_a_clone_has_every_argument(kind: type[HrnnMetadata]) -> None:
    model = small(kind, id_dropout=0.1, dropout=0.3, event_weights={"view": 2.0}, seed=9)

    assert model.clone().hyperparameters() == model.hyperparameters()
    assert {"id_dropout", "dropout", "event_weights", "seed", "hidden_dimension"} <= set(model.hyperparameters())


@pytest.mark.parametrize(("n_items", "n_kept"), [(80, 3), (1_500, 2), (6_000, 1)])
def test_the_larger_a_catalogue_the_more_of_its_items_must_share_an_attribute(n_items: int, n_kept: int) -> None:
    names = ["pair"] * 2 + ["five"] * 5 + ["ten"] * 10 + ["" for _ in range(n_items - 17)]
    items = Metadata.build(
        [f"i{item:04}" for item in range(n_items)], categorical={"kind": [(name,) for name in names]}
    )
    log = Interactions.from_columns(["u"] * 4, ["i0000", "i0003", "i0009", "i0010"], range(START, START + 4), ["v"] * 4)

    model = small(passes=0).fit(log.with_metadata(items))

    assert len(model.item_keys_) == n_kept
