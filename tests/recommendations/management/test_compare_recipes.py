"""The command `compare_recipes`: a table and bars, a picture, JSON, and faults by name."""

import json
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command

from tests.factories.logs import make_rows, write_log
from tests.factories.retraining import make_past, retrain

RECIPES = ("aws-popularity-count", "aws-user-personalization")


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("compare_recipes", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(write_log(tmp_path / "log.csv.gz", make_rows()))


def test_compare_recipes_prints_facts_as_json_alone(log: str) -> None:
    out = run_command(log, "--window", "7,all", "--recipes", *RECIPES, "--budget", "0", "--json")

    facts = json.loads(out)
    assert (facts["split"], facts["repeats"], facts["skipped"]) == ("next basket", True, [])
    assert [(each["window"], each["recipe"]) for each in facts["results"]] == [
        ("7 days", RECIPES[0]),
        ("7 days", RECIPES[1]),
        ("all", RECIPES[0]),
        ("all", RECIPES[1]),
    ]
    for each in facts["results"]:
        value, low, high = each["normalized_discounted_cumulative_gain_at_10"]
        assert 0 < low <= value <= high < 1
    assert facts["results"][0]["ndcg_at_10_against_first"] is None
    assert len(facts["results"][1]["ndcg_at_10_against_first"]) == 3
    assert facts["results"][1]["weights"]
    assert 0 < facts["results"][0]["events"] < facts["results"][2]["events"]


def test_compare_recipes_prints_a_table_and_bars_for_people(log: str) -> None:
    out = run_command(log, "--window", "7,all", "--recipes", *RECIPES, "--budget", "0", "--split", "temporal")

    assert "temporal, repeats in" in out
    table, _, bars = out.partition("NDCG@10, bars")
    assert all(table.count(recipe) >= 2 for recipe in RECIPES)
    assert table.count("7 days") == 2
    assert table.count("±") == 1 + 4 + 2 + 2
    assert bars.count("█") > 40


def test_compare_recipes_writes_a_picture_that_names_every_recipe_and_window(log: str, tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"

    run_command(log, "--window", "7,14,all", "--recipes", *RECIPES, "--budget", "0", "--svg", str(path))

    root = ET.fromstring(path.read_text())
    words = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {*RECIPES, "7 days", "14 days", "all"} <= words
    lines = [each.get("points", "").split() for each in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines] == [3, 3]


@pytest.mark.django_db
def test_compare_recipes_reads_the_interactions_of_a_rotation(calm_world: Path) -> None:
    make_past()
    retrain()

    facts = json.loads(run_command("--window", "all", "--recipes", *RECIPES, "--budget", "0", "--json"))

    assert [each["recipe"] for each in facts["results"]] == list(RECIPES)
    assert facts["cases"] > 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--window", "seven"), "'seven' is no window"),
        (("--window", "7,-1"), "'-1' is no window"),
        (("--window", ","), "at least one window"),
        (("--recipes", "aws-nothing"), "There is no recipe 'aws-nothing'"),
        (("--budget", "-1"), "--budget is -1"),
        (("--recipes", "aws-hrnn-metadata"), "Nothing could be trained"),
    ],
)
def test_compare_recipes_names_what_is_wrong(log: str, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run_command(log, *arguments)


def test_compare_recipes_needs_times_and_a_file_that_is_there(tmp_path: Path) -> None:
    untimed = write_log(tmp_path / "log.csv", make_rows(), time_column="pos")

    with pytest.raises(CommandError, match="tells no times") as caught:
        run_command(str(untimed))
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="There is no file"):
        run_command(str(tmp_path / "absent.csv"))
