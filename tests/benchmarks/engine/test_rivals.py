import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.exam import LIST_SIZE, Grades
from benchmarks.engine.rivals import ONE_THREAD, OURS, Entry, find_match, main, parse_arguments


def make_entry(model: str, train_cpu_s: float) -> Entry:
    return Entry(model, "60", train_cpu_s, 1.0, Grades(np.zeros(1), np.zeros(1), 0.0, ("u",)))


def test_a_rival_is_met_by_the_longest_training_that_cost_no_more() -> None:
    ours = [make_entry(OURS, cpu_s) for cpu_s in (110.0, 10.0, 30.0)]

    matches = [find_match(ours, make_entry("als", cpu_s)).train_cpu_s for cpu_s in (5.0, 31.0, 900.0)]

    assert matches == [10.0, 30.0, 110.0]


def test_arguments_refuse_a_model_that_nobody_has(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["data", "--models", "engine,oracle"])

    assert "--models names oracle; there are engine, sasrec" in capsys.readouterr().err


def test_the_engine_answers_a_log_and_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "1")
    rows = [f"{user},{(user + step) % 40},{step}" for user in range(60) for step in range(12)]
    (tmp_path / "ml1m").mkdir()
    (tmp_path / "ml1m" / "interactions.csv.gz").write_bytes(_compress("user_id,item_id,pos\n" + "\n".join(rows)))

    main([str(tmp_path), "--only", "ml1m", "--models", "engine", "--budgets", "5", "--out", str(tmp_path / "out")])

    said = capsys.readouterr().out
    assert "60 questions" in said
    assert said.count("engine, aws-user-personalization") == 2
    with np.load(tmp_path / "out" / "ml1m-leave_one_out-seed0" / "engine" / "5.npz") as kept:
        assert kept["lists"].shape == (60, LIST_SIZE)


def _compress(text: str) -> bytes:
    return gzip.compress(text.encode())
