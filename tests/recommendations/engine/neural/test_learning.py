from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.interactions import Interactions
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.neural import learning
from recommendations.engine.neural.batches import Sequences
from recommendations.engine.neural.learning import (
    DAY_S,
    FEWEST_BATCHES,
    RECENCY_FLOOR,
    places_per_batch,
    weigh_by_age,
)
from recommendations.engine.neural.trainer import Course, Trainer

START = 1_700_000_000


def make_interactions(lengths: list[int]) -> Interactions:
    rows = [
        (f"u{user:03}", f"i{place % 7}", START + place * DAY_S)
        for user, length in enumerate(lengths)
        for place in range(length)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


@pytest.fixture
def courses(monkeypatch: pytest.MonkeyPatch) -> list[Course]:
    """What each training went by."""
    seen: list[Course] = []

    class Watched(Trainer):
        def train(self, *given: object) -> object:  # type: ignore[override]
            seen.append(self.course)
            return super().train(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(learning, "Trainer", Watched)
    return seen


def test_recent_events_count_more_and_old_ones_never_nothing() -> None:
    weights = weigh_by_age(START - np.array([0, 30, 3_650]) * DAY_S)

    np.testing.assert_allclose(weights, [1.0, (1 + RECENCY_FLOOR) / 2, RECENCY_FLOOR], atol=1e-6)


def test_recency_counts_only_where_it_is_wanted_and_times_are_moments(courses: list[Course]) -> None:
    interactions = make_interactions([5, 5])

    for given in ({"recency_mask": True}, {"recency_mask": False}, {"recency_mask": True, "is_timed": False}):
        Hrnn(passes=0, **given).fit(interactions)  # type: ignore[arg-type]

    assert [len(set(course.sequences.weights.tolist())) for course in courses] == [5, 1, 1]


def test_histories_beyond_the_percentiles_are_not_learned_from(courses: list[Course]) -> None:
    interactions = make_interactions([2, *[5] * 197, 900, 1_000])

    Hrnn(passes=0, validation_users=0).fit(interactions)
    Hrnn(passes=0, validation_users=0, min_user_history_length_percentile=0.01).fit(interactions)
    Hrnn(passes=0, validation_users=0, max_user_history_length_percentile=1.0).fit(interactions)

    lengths = [np.diff(course.sequences.starts) for course in courses]
    assert [int(each.max()) for each in lengths] == [900, 900, 1_000]
    assert [int((each > 0).sum()) for each in lengths] == [199, 198, 200]


def test_withheld_events_are_not_learned_from(courses: list[Course]) -> None:
    interactions = make_interactions([6] * 300)

    Hrnn(passes=0).fit(interactions)

    (course,) = courses
    assert course.cut is not None
    assert len(course.cut.withheld) == 60
    assert len(course.sequences.items) == len(interactions) - 60
    assert sorted(set(np.diff(course.sequences.starts).tolist())) == [5, 6]


def sequences_of(lengths: list[int]) -> Sequences:
    interactions = make_interactions(lengths)
    return Sequences.of(interactions, np.ones(len(interactions), np.float32), 1_800, is_timed=True)


def test_batches_are_of_64_histories_and_smaller_where_data_are_few() -> None:
    plenty, long, few, none = (
        sequences_of([4] * 30_000),
        sequences_of([101] * 2_000),
        sequences_of([4] * 50),
        sequences_of([1]),
    )

    assert places_per_batch(plenty, 32) == 64 * 3
    assert places_per_batch(long, 50) == 202_000 // FEWEST_BATCHES
    assert places_per_batch(few, 32) == places_per_batch(none, 32) == 128
