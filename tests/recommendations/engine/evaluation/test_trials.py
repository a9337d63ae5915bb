from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recommendations.engine.evaluation.trials import SPLITS, SplitName, try_recipe
from recommendations.engine.exceptions import (
    EngineError,
    InvalidHyperparameter,
    InvalidInteractions,
    InvalidMetadata,
    UnknownRecipe,
)
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.recipes import build_recommender
from tests.factories.logs import DAY_S, Row, make_rows, write_attributes, write_log, write_shop

RECIPE = "aws-popularity-count"
OF_KNOWN_ITEMS = [split for split in SPLITS if split != "cold_items"]


def sort_rows(rows: list[Row]) -> dict[int, list[Row]]:
    """Each user's rows by time, users in order."""
    by_user: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row[0], row[2])):
        by_user.setdefault(row[0], []).append(row)
    return by_user


def ask_by_hand(split: SplitName, rows: list[Row]) -> tuple[list[Row], list[tuple[list[Row], int]]]:
    """What is trained on, and each history with its answer: the definitions, row by row."""
    users = sort_rows(rows)
    if split == "leave_one_out":
        train = [row for mine in users.values() for row in (mine if len(mine) < 3 else mine[:-2])]
        return train, [(mine[:-1], mine[-1][1]) for mine in users.values() if len(mine) >= 3]
    if split == "by_part":
        test = [mine for mine in users.values() if mine[0][4] == "test"]
        cases = [(mine[max(0, at - 50) : at], mine[at][1]) for mine in test for at in range(1, len(mine))]
        return [row for row in rows if row[4] == "train"], cases
    cut = max(row[2] for row in rows) - 5 * DAY_S
    cases = []
    for mine in users.values():
        later = [at for at in range(len(mine)) if mine[at][2] >= cut and not (at and mine[at][1] == mine[at - 1][1])]
        cases += [(mine[max(0, at - 200) : at], mine[at][1]) for at in later[:20]]
    return [row for row in rows if row[2] < cut], cases


def figure_by_hand(
    train: list[Row], cases: list[tuple[list[Row], int]], *, filter_seen: bool
) -> tuple[float, float, float, float, int]:
    """The five figures from the very lists of the same recipe, rank by rank."""
    users, items, times, types, _ = zip(*train, strict=True)
    log = Interactions.from_columns(map(str, users), map(str, items), times, types)
    model = build_recommender(RECIPE).fit(log)
    ranks, shown = [], set()
    for history, answer in cases:
        events = [Event(str(row[1]), row[2], row[3]) for row in history]
        seen = {event.item_id for event in events} if filter_seen else set()
        ids = [item for item in model.recommend([events], 25 + len(seen))[0][0] if item not in seen][:25]
        shown.update(ids[:10])
        ranks.append(ids.index(str(answer)) + 1 if str(answer) in ids else np.inf)
    rank = np.array(ranks)
    ndcg = float(np.where(rank <= 10, 1 / np.log2(1 + np.minimum(rank, 99)), 0).mean())
    return ndcg, float((rank <= 20).mean()), float((1 / rank).mean()), len(shown) / log.n_items, len(ranks)


@pytest.mark.parametrize("filter_seen", [False, True])
@pytest.mark.parametrize("split", ["leave_one_out", "temporal", "by_part"])
def test_try_recipe_gives_the_figures_of_the_definitions(tmp_path: Path, split: SplitName, filter_seen: bool) -> None:
    rows = make_rows()
    path = write_log(tmp_path / "log.csv.gz", rows)

    figures = try_recipe(path, RECIPE, split, filter_seen=filter_seen, test_days=5).figures

    expected = figure_by_hand(*ask_by_hand(split, rows), filter_seen=filter_seen)
    got = (figures.ndcg_at_10, figures.recall_at_20, figures.mrr_at_25, figures.coverage_at_10, figures.n_cases)
    assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("split", OF_KNOWN_ITEMS)
def test_try_recipe_tells_cost_and_weights_of_every_split(tmp_path: Path, split: SplitName) -> None:
    path = write_log(tmp_path / "log.csv", make_rows())

    trial = try_recipe(path, "aws-user-personalization", split, test_days=5)

    assert trial.train_cpu_s > 0
    assert trial.peak_rss_mb > 20
    assert any(weight > 0 for weight in trial.weights.values())
    assert 0 < trial.figures.ndcg_at_10 < 1


def test_try_recipe_ranks_items_held_out_better_than_their_popularity_does(tmp_path: Path) -> None:
    log, items = write_shop(tmp_path)

    trial = try_recipe(log, "aws-user-personalization", "cold_items", items=items, seed=1)

    new = trial.new_items
    assert new is not None
    assert new.n_items == 6
    assert new.recipe.n_cases == new.popularity.n_cases == trial.figures.n_cases > 50
    assert new.recipe.ndcg_at_10 > 2 * trial.figures.ndcg_at_10
    difference, low, high = new.difference
    assert difference == pytest.approx(new.recipe.ndcg_at_10 - new.popularity.ndcg_at_10)
    assert 0 < low < difference < high
    assert trial.weights["content"] > 0


def test_try_recipe_trains_on_attributes_with_every_split(tmp_path: Path) -> None:
    log, items = write_shop(tmp_path)
    users = write_attributes(tmp_path / "users.csv", "user_id", {f"u{user:03}": "x" for user in range(90)})

    trial = try_recipe(log, "aws-user-personalization", "leave_one_out", items=items, users=users)

    assert trial.weights["content"] > 0
    assert trial.new_items is None


def test_try_recipe_needs_attributes_to_hold_items_out(tmp_path: Path) -> None:
    log, items = write_shop(tmp_path)
    (tmp_path / "bad.csv").write_text("item_id,KIND\nshoe-1\n")

    with pytest.raises(InvalidInteractions, match="cold_items needs attributes of items; give a file of items"):
        try_recipe(log, RECIPE, "cold_items")
    with pytest.raises(InvalidMetadata, match=r"bad\.csv: Line 2: 1 columns where the header has 2"):
        try_recipe(log, RECIPE, "cold_items", items=tmp_path / "bad.csv")
    with pytest.raises(InvalidMetadata, match=r"items\.csv: .*missing the following columns: user_id"):
        try_recipe(log, RECIPE, "cold_items", items=items, users=items)


def test_try_recipe_is_the_same_with_one_seed(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", make_rows())

    first, again = (try_recipe(path, "aws-user-personalization", "leave_one_out", seed=5) for _ in range(2))

    assert first.figures == again.figures
    assert first.weights == again.weights


@pytest.mark.parametrize("split", ["temporal", "next_basket"])
def test_try_recipe_needs_times_for_splits_by_time(tmp_path: Path, split: SplitName) -> None:
    path = write_log(tmp_path / "log.csv", make_rows(), time_column="pos")

    with pytest.raises(InvalidInteractions, match=f"{split} needs times, and the file has only pos"):
        try_recipe(path, RECIPE, split)


def test_try_recipe_measures_a_file_that_has_positions_only(tmp_path: Path) -> None:
    rows = make_rows()
    timed = write_log(tmp_path / "timed.csv", rows)
    numbered = write_log(tmp_path / "numbered.csv", rows, time_column="pos")

    expected = try_recipe(timed, "aws-similar-items", "leave_one_out").figures

    assert try_recipe(numbered, "aws-similar-items", "leave_one_out").figures == expected


def test_try_recipe_names_what_is_wrong(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", make_rows(200))
    bare = write_log(tmp_path / "bare.csv", make_rows(200), more=False)

    with pytest.raises(UnknownRecipe, match="'aws-magic'"):
        try_recipe(path, "aws-magic", "temporal")
    with pytest.raises(InvalidHyperparameter, match="test_days is 0"):
        try_recipe(path, RECIPE, "temporal", test_days=0)
    with pytest.raises(InvalidInteractions, match="missing the following columns: part"):
        try_recipe(bare, RECIPE, "by_part")


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("rows", [[], [(1, 1, 5, "view", "train")], [(1, 1, 5, "view", "test")] * 2])
def test_try_recipe_refuses_too_little_by_name(tmp_path: Path, split: SplitName, rows: list[Row]) -> None:
    path = write_log(tmp_path / "log.csv", rows)

    with pytest.raises(EngineError):
        try_recipe(path, "aws-user-personalization", split, test_days=1)
