"""The command `evaluate`, of a file and of a rotation: what it prints, how it ends."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recommendations.engine.evaluation.trials import SPLITS
from recommendations.engine.neural import learning
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.pipeline.runs import ensure_default_rotation
from tests.factories.logs import make_rows, write_log, write_shop
from tests.factories.retraining import make_past

KEYS = ["ndcg@10", "recall@20", "mrr@25", "coverage@10", "cases", "train_cpu_s", "peak_rss_mb"]
KEYS_OF_NEW = [
    "new_items",
    "new_ndcg@10",
    "new_recall@20",
    "new_popularity_ndcg@10",
    "new_popularity_recall@20",
    "new_difference",
    "new_difference_low",
    "new_difference_high",
]


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate", *arguments, stdout=out)
    return out.getvalue()


def fail_command(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        call_command("evaluate", *arguments, stdout=StringIO())
    return caught.value.returncode, str(caught.value)


@pytest.mark.parametrize("split", [split for split in SPLITS if split != "cold_items"])
def test_evaluate_prints_the_figures_of_a_file_as_json_alone(tmp_path: Path, split: str) -> None:
    path = write_log(tmp_path / "log.csv.gz", make_rows())

    out = run_command(str(path), "--recipe", "aws-popularity-count", "--split", split, "--seed", "3", "--json")

    facts = json.loads(out)
    assert list(facts) == KEYS
    assert 0 < facts["ndcg@10"] < 1
    assert facts["cases"] > 5


def test_evaluate_tells_how_items_held_out_rank_among_themselves(tmp_path: Path) -> None:
    log, items = write_shop(tmp_path)

    out = run_command(str(log), "--split", "cold_items", "--items", str(items), "--seed", "1", "--json")

    facts = json.loads(out)
    assert list(facts) == [*KEYS, *KEYS_OF_NEW]
    assert facts["new_items"] == 6
    assert facts["new_ndcg@10"] > facts["new_popularity_ndcg@10"] > facts["ndcg@10"]
    assert facts["new_difference_low"] < facts["new_difference"] < facts["new_difference_high"]


def test_evaluate_filters_what_was_seen_if_asked(tmp_path: Path) -> None:
    path = str(write_log(tmp_path / "log.csv", make_rows()))
    asked = (path, "--recipe", "aws-popularity-count", "--split", "temporal", "--test-days", "5", "--json")

    kept, filtered = json.loads(run_command(*asked)), json.loads(run_command(*asked, "--filter-seen"))

    assert kept["cases"] == filtered["cases"]
    assert kept["coverage@10"] < filtered["coverage@10"]


def test_evaluate_prints_lines_and_a_blends_weights_for_people(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", make_rows())

    out = run_command(str(path), "--split", "leave_one_out")

    assert "ndcg@10" in out
    assert "weight of rules" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--recipe", "aws-magic", "--split", "temporal"), "log.csv: There is no recipe 'aws-magic'"),
        (("--recipe", "aws-sims"), "--split is missing; give one of leave_one_out"),
        (("--split", "temporal", "--test-days", "-1"), "test_days is -1.0; give a number above 0"),
        (("--split", "temporal", "--stored"), "--stored is of a rotation"),
        (("--split", "temporal", "--test-days", "400"), "none are left to train on"),
        (("--split", "cold_items"), "needs attributes of items"),
        (("--split", "temporal", "--items", "no-such.csv"), "no-such.csv"),
    ],
)
def test_evaluate_ends_with_2_and_the_fault_of_a_file(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    path = write_log(tmp_path / "log.csv", make_rows(300))

    code, message = fail_command(str(path), *arguments)

    assert code == 2
    assert said in message


def test_evaluate_ends_with_2_where_there_is_no_such_file(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.csv")

    assert fail_command(missing) == (
        2,
        f"There is no file '{missing}'. Give a CSV file, or the key of a rotation alone.",
    )
    code, message = fail_command("home", "--split", "temporal", "--json")
    assert code == 2
    assert "no file 'home', and --split, --json evaluates a file" in message


@pytest.mark.parametrize("text", ["", "user_id,item_id,timestamp\n", "user_id,item_id,timestamp\n1,2,NaN\n", "a\0b"])
def test_evaluate_ends_with_2_on_a_file_of_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)

    code, message = fail_command(str(path), "--split", "leave_one_out")

    assert code == 2
    assert message.startswith("log.csv: ")


@pytest.mark.django_db
def test_evaluate_shows_a_rotation_by_its_key() -> None:
    ensure_default_rotation()

    assert "home has no live campaign yet." in run_command("home", "--stored")
    assert fail_command("nowhere")[0] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_evaluate_measures_a_rotation_on_all_that_a_retrain_would_train_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "FEWEST_BATCHES", 20)
    make_past()
    ensure_rotation("network", "home-recommended", "aws-hrnn-coldstart", {"hidden_dimension": 32, "passes": 1})

    out = run_command("network")

    assert "Measured again on 1,200 interactions" in out
    assert "held-out users" in out
