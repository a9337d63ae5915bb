import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.factories.wire import ROLE, genre_of
from tests.running_shop import PROJECT
from tests.wire_server import WireServer


def _listed(output: str, label: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.startswith(f"{label}: "))
    return [word for word in line.partition(": ")[2].split() if not word.startswith("(")]


def _run(script: str, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / script), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_tutorial_runs_whole_and_leaves_nothing(wire_server: WireServer, tmp_path: Path, personalize: Any) -> None:
    folder = wire_server.data / "tutorial"
    _run("docs/personalize_sample.py", str(folder), cwd=tmp_path)
    kept = {each["name"] for each in personalize.list_schemas()["schemas"]}

    environment = wire_server.client_environment
    done = _run("docs/personalize_tutorial.py", f"file://{folder}", ROLE, cwd=tmp_path, **environment)

    assert done.returncode == 0, done.stderr
    assert "mean_reciprocal_rank_at_25 = " in done.stdout
    recommended = _listed(done.stdout, "For user-1")
    assert len(recommended) == 5
    assert {genre_of(item) for item in _listed(done.stdout, "After")} == {genre_of(recommended[0])}
    assert _listed(done.stdout, "Before") != _listed(done.stdout, "After")
    assert _listed(done.stdout, "Ranked")[-1] == "unknown"
    assert {genre_of(item) for item in _listed(done.stdout, "Drama")} == {"drama"}
    assert {each["name"] for each in personalize.list_schemas()["schemas"]} == kept
    groups = [each["name"] for each in personalize.list_dataset_groups()["datasetGroups"]]
    assert not [name for name in groups if name.startswith("tutorial")]
