from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.trending import Trending

DAY_S = 86_400


def make_log(by_day: dict[str, list[int]]) -> Interactions:
    """Each item has so many events on each day, by as many users; the newest day is the last."""
    rows = [
        (f"u{number}", item, day * DAY_S + number)
        for item, counts in by_day.items()
        for day, count in enumerate(counts)
        for number in range(count)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def test_trending_puts_growth_before_size() -> None:
    log = make_log({"big": [90, 90, 90, 90], "rising": [1, 1, 2, 20], "falling": [40, 30, 20, 5], "rare": [1, 0, 1, 1]})

    ids, _ = Trending().fit(log).recommend([[]], 10)

    assert ids == [["rising", "big", "falling", "rare"]] or ids[0][0] == "rising"
    assert ids[0].index("big") < ids[0].index("falling") < len(ids[0])
    assert set(ids[0]) == {"big", "rising", "falling", "rare"}


def test_trending_takes_one_event_of_a_new_item_for_no_trend() -> None:
    log = make_log({"new": [0, 0, 0, 1], "rising": [2, 2, 2, 12]})

    ids, scores = Trending().fit(log).recommend([[]], 2)

    assert ids == [["rising", "new"]]
    assert scores[0][0] > 3 * scores[0][1]


def test_trending_expects_what_newer_buckets_had_sooner_than_older_ones() -> None:
    log = make_log({"lately": [1, 1, 9, 9], "early": [9, 9, 1, 9]})

    ids, _ = Trending(decay=0.3).fit(log).recommend([[]], 2)

    assert ids == [["early", "lately"]]


def test_trending_counts_in_buckets_of_its_own_length() -> None:
    log = make_log({"today": [0, 1, 1, 9], "yesterday": [0, 1, 9, 1]})

    by_day = Trending(bucket_hours=24).fit(log).recommend([[]], 1)[0]
    by_two_days = Trending(bucket_hours=48).fit(log).score([])

    assert by_day == [["today"]]
    np.testing.assert_allclose(by_two_days[0], by_two_days[1], rtol=1e-5)


def test_trending_offers_items_older_than_all_buckets_last() -> None:
    log = make_log({"old": [50, 0, 0, 0, 0], "new": [0, 0, 0, 1, 1]})

    ids, _ = Trending(buckets=2).fit(log).recommend([[]], 5)

    assert ids == [["new", "old"]]


def test_trending_counts_what_everybody_did_since_the_training() -> None:
    log = make_log({"steady": [9, 9, 9, 9], "new": [1, 1, 1, 1]})
    model = Trending().fit(log)
    live = LiveActivity(model.item_ids_)
    newest_at = int(log.timestamps.max())

    live.add_all([(f"live{number}", Event("new", newest_at + number, "view")) for number in range(20)])

    assert model.recommend([[]], 1)[0] == [["steady"]]
    assert model.recommend([[]], 1, live=live)[0] == [["new"]]


@pytest.mark.parametrize("n_days", [1, 2, 10])
def test_trending_sees_no_trend_in_what_goes_on_as_before(n_days: int) -> None:
    model = Trending().fit(make_log({"rising": [24] * 15, "steady": [96] * 15}))
    live = LiveActivity(model.item_ids_)
    trained_at = int(model.reach_[0])

    for quarter in range(1, n_days * 96):
        at = trained_at + quarter * DAY_S // 96
        live.add("someone", Event("steady", at, "view"))
        live.add("someone", Event("rising", at, "view"))

    rising, steady = model.score_history(model.encode([], live=live)).tolist()
    assert rising == 1
    assert steady < 0.05


def test_trending_offers_everything_long_after_its_training() -> None:
    model = Trending().fit(make_log({"a": [9, 9], "b": [1, 1]}))
    live = LiveActivity(model.item_ids_)

    live.add("someone", Event("b", int(model.reach_[0]) + 400 * DAY_S, "view"))

    assert model.recommend([[]], 5, live=live)[0] == [["b", "a"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"bucket_hours": 0}, "bucket_hours is 0"), ({"buckets": 0}, "buckets is 0"), ({"decay": 0}, "decay is 0")],
)
def test_trending_refuses_wrong_hyperparameters_by_name(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=said):
        Trending(**arguments).fit(make_log({"a": [1]}))  # type: ignore[arg-type]
