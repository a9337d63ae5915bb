from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.hrnn_coldstart import RELATIVE_FROM, HrnnColdstart
from recommendations.engine.recipes import build_recommender

START = 1_700_000_000
DAY = 86_400


def make(days: dict[str, list[float]]) -> Interactions:
    """Each item's events, by the days before the newest one of all; everything has one attribute."""
    rows = [
        (f"u{number % 3}", item, START - round(day * DAY)) for item in days for number, day in enumerate(days[item])
    ]
    users, items, times = zip(*rows, strict=True)
    metadata = Metadata.build([*days, "untouched"], categorical={"kind": [("a",)] * (len(days) + 1)})
    return Interactions.from_columns(users, items, times, ["view"] * len(rows)).with_metadata(metadata)


LOG = make({"new-rare": [4, 1], "new-often": [4] * 16, "old-rare": [30, 0], "newest": [0]})


def cold_of(interactions: Interactions, **given: object) -> list[str]:
    model = HrnnColdstart(passes=0, **given)  # type: ignore[arg-type]
    return [interactions.item_ids[item] for item in np.flatnonzero(model.find_cold(interactions))]


def test_cold_items_have_few_events_and_none_of_them_long_ago() -> None:
    assert cold_of(LOG) == ["new-rare", "newest", "untouched"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"cold_start_max_interactions": 16}, ["new-often", "new-rare", "newest", "untouched"]),
        ({"cold_start_max_interactions": 1}, ["newest", "untouched"]),
        ({"cold_start_max_interactions": 0}, ["untouched"]),
        ({"cold_start_max_duration": 30.0}, ["new-rare", "newest", "old-rare", "untouched"]),
        ({"cold_start_max_duration": 3.9}, ["newest", "untouched"]),
    ],
)
def test_both_bounds_can_be_moved(given: dict[str, float], expected: list[str]) -> None:
    assert cold_of(LOG, **given) == expected


def test_age_is_counted_from_the_newest_event_or_from_now() -> None:
    now_s = START + 3 * DAY

    assert cold_of(LOG, cold_start_relative_from="currentTime", now_s=now_s) == ["newest", "untouched"]
    assert cold_of(LOG, cold_start_relative_from="latestItem", now_s=now_s) == ["new-rare", "newest", "untouched"]


def test_where_time_is_only_an_order_the_number_of_events_decides() -> None:
    positions = Interactions.from_columns(["u"] * 18, ["a"] * 16 + ["b"] * 2, range(18), ["view"] * 18)

    assert cold_of(positions) == ["b"]
    assert cold_of(LOG, is_timed=False) == ["new-rare", "newest", "old-rare", "untouched"]


def test_cold_items_are_scored_by_attributes_alone() -> None:
    model = HrnnColdstart(hidden_dimension=32, width=8, passes=1).fit(LOG)

    vectors = dict(zip(model.item_ids_, model.learned_arrays()["items_out_"], strict=True))

    np.testing.assert_array_equal(vectors["new-rare"], vectors["untouched"])
    assert not np.array_equal(vectors["new-often"], vectors["untouched"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cold_start_max_interactions", -1),
        ("cold_start_max_duration", -0.5),
        ("cold_start_max_duration", float("nan")),
        ("cold_start_relative_from", "yesterday"),
    ],
)
def test_a_hyperparameter_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidHyperparameter, match=name):
        HrnnColdstart(**{name: value}).fit(LOG)  # type: ignore[arg-type]


def test_the_recipe_takes_what_personalize_takes() -> None:
    given = {
        "hidden_dimension": "149",
        "cold_start_max_interactions": "20",
        "cold_start_max_duration": "2.5",
        "cold_start_relative_from": "latestItem",
    }

    model = build_recommender("aws-hrnn-coldstart", given, now_s=START)
    default = build_recommender("arn:aws:personalize:::recipe/aws-hrnn-coldstart")

    assert isinstance(model, HrnnColdstart)
    assert isinstance(default, HrnnColdstart)
    assert (model.cold_start_max_interactions, model.cold_start_max_duration) == (20, 2.5)
    assert (model.cold_start_relative_from, model.now_s) == ("latestItem", START)
    assert (default.hidden_dimension, default.cold_start_max_interactions) == (149, 15)
    assert (default.cold_start_max_duration, default.cold_start_relative_from) == (5.0, "currentTime")


@pytest.mark.parametrize("value", ["now", "latestitem", "", "2", 2, True, None, [], 0.5])
def test_a_choice_that_there_is_not_is_refused_with_those_there_are(value: object) -> None:
    with pytest.raises(InvalidHyperparameter, match=" or ".join(RELATIVE_FROM)):
        build_recommender("aws-hrnn-coldstart", {"cold_start_relative_from": value})
