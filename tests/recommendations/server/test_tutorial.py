import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.factories.wire import ROLE, genre_of, write_interactions, write_items
from tests.running_shop import PROJECT
from tests.wire_server import WireServer


def _listed(output: str, label: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.startswith(f"{label}: "))
    return [word for word in line.partition(": ")[2].split() if not word.startswith("(")]


def test_tutorial_runs_whole_and_leaves_nothing(wire_server: WireServer, tmp_path: Path, personalize: Any) -> None:
    folder = wire_server.data / "tutorial"
    write_interactions(folder / "interactions.csv")
    write_items(folder / "items.csv")
    kept = {each["name"] for each in personalize.list_schemas()["schemas"]}

    done = subprocess.run(
        [sys.executable, str(PROJECT / "docs/personalize_tutorial.py"), f"file://{folder}", ROLE],
        cwd=tmp_path,
        env={**os.environ, **wire_server.client_environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "mean_reciprocal_rank_at_25 = " in done.stdout
    recommended = _listed(done.stdout, "For user-1")
    assert len(recommended) == 5
    assert {genre_of(item) for item in _listed(done.stdout, "After")} == {genre_of(recommended[0])}
    assert _listed(done.stdout, "Before") != _listed(done.stdout, "After")
    assert _listed(done.stdout, "Ranked")[-1] == "unknown"
    assert {genre_of(item) for item in _listed(done.stdout, "Drama")} == {"drama"}
    assert {each["name"] for each in personalize.list_schemas()["schemas"]} == kept
    assert "tutorial" not in {each["name"] for each in personalize.list_dataset_groups()["datasetGroups"]}
