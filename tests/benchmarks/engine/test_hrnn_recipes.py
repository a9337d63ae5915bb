from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks.engine.hrnn_recipes import POPULARITY, build_exam, lead_over, make_table, parse_arguments, run
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.evaluation.figures import Answers
from recommendations.engine.interactions import Interactions
from recommendations.engine.neural import learning

START = 1_700_000_000
COLOURS, N_USERS, N_ITEMS = 4, 200, 60


@pytest.fixture
def log() -> Interactions:
    """Everybody stays with the colour of the town."""
    chance = np.random.default_rng(1)
    rows = [
        (f"u{user:03}", f"i{item:02}", START + user + 60 * place)
        for user in range(N_USERS)
        for place, item in enumerate(chance.choice(np.arange(user % COLOURS, N_ITEMS, COLOURS), 8, replace=False))
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows)).with_metadata(
        Metadata.build(
            [f"i{item:02}" for item in range(N_ITEMS)],
            categorical={"colour": [(str(item % COLOURS),) for item in range(N_ITEMS)]},
        ),
        Metadata.build(
            [f"u{user:03}" for user in range(N_USERS)],
            categorical={"town": [(str(user % COLOURS),) for user in range(N_USERS)]},
        ),
    )


def test_exam_trains_on_nothing_that_it_asks_for(log: Interactions) -> None:
    exam = build_exam(log, seed=3, n_cases=1_000)

    touched = {exam.train.item_ids[item] for item in np.unique(exam.train.items)}
    assert exam.newcomers is not None
    assert len(exam.newcomers.cases) >= 5
    assert not touched & set(exam.new.new_item_ids)
    assert not {case.user_id for case in exam.newcomers.cases} & set(exam.train.user_ids)
    assert all(case.truth <= set(exam.new.new_item_ids) for case in exam.new.cases)
    last = {case.user_id: case.truth for case in exam.known.cases}
    assert all(last[user].isdisjoint(event.item_id for event in exam.train.history(user)) for user in last)


def test_exam_asks_at_most_so_many_and_the_same_each_time(log: Interactions) -> None:
    first, second = (build_exam(log, seed=3, n_cases=20) for _ in range(2))

    assert len(first.known.cases) == len(first.new.cases) == 20
    assert first.new.cases == second.new.cases
    assert first.train.item_ids == second.train.item_ids


def test_results_stand_beside_popularity_and_say_what_was_skipped(
    log: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "FEWEST_BATCHES", 20)
    exam = build_exam(log, seed=3, n_cases=60)
    bare = replace(exam, train=exam.train.with_metadata(None, exam.train.user_metadata))

    results, skipped = run(exam, ["aws-hrnn-coldstart"], 1, None)
    _, skipped_bare = run(bare, ["aws-hrnn-coldstart"], 1, None)
    console = Console(width=170, record=True, quiet=True)
    console.print(make_table(exam, results))

    popular, _, cold = results
    assert skipped == []
    assert popular.name == POPULARITY
    assert cold.new is not None
    assert popular.new is not None
    assert cold.newcomers is not None
    assert popular.newcomers is not None
    assert lead_over(cold.new, popular.new)[1] > 0
    assert lead_over(cold.newcomers, popular.newcomers)[0] > 0
    assert len(skipped_bare) == 2
    assert all("Items" in reason for reason in skipped_bare)


def test_lead_is_a_paired_difference_with_its_interval() -> None:
    hits = np.zeros((40, 25), np.bool_)
    hits[:, 0] = True
    users = tuple(f"u{case // 2}" for case in range(40))
    better = Answers(hits, np.ones(40, np.int64), users, frozenset())
    worse = Answers(np.zeros_like(hits), np.ones(40, np.int64), users, frozenset())

    assert lead_over(better, worse) == (1.0, 1.0, 1.0)


def test_arguments_have_defaults(tmp_path: Path) -> None:
    options = parse_arguments([str(tmp_path), "--recipe", "aws-hrnn"])

    assert (options.recipe, options.budget, options.seed) == (["aws-hrnn"], None, 1)
