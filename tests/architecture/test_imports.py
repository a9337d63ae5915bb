"""The import contracts of pyproject.toml hold, and a wrong import does not slip through them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "recommendations", "experiments", "storefront")

WRONG_IMPORTS = [
    ("catalog/quotes.py", "import recommendations.ports"),
    ("catalog/quotes.py", "import storefront.clock"),
    ("recommendations/ports.py", "import django.conf"),
    ("recommendations/engine/rules.py", "import django.conf"),
    ("recommendations/events/schema.py", "import redis"),
    ("recommendations/serving/recommend.py", "import catalog.models"),
    ("recommendations/serving/recommend.py", "import recommendations.pipeline.runner"),
    ("recommendations/ports.py", "import experiments.models"),
    ("recommendations/adapters/embedded/runtime.py", "import recommendations.models.rotations"),
    ("experiments/assignment.py", "import catalog.models"),
    ("experiments/bucketing.py", "import django.conf"),
    ("storefront/env.py", "import django.conf"),
]


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([str(lint), "--no-cache"], cwd=where, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy_of_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(PROJECT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, copy / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    return copy


@pytest.mark.parametrize(("module", "wrong_import"), WRONG_IMPORTS)
def test_planted_import_is_caught(copy_of_project: Path, module: str, wrong_import: str) -> None:
    victim = copy_of_project / module
    clean = victim.read_text()

    victim.write_text(f"{clean}\n{wrong_import}\n")
    done = lint_imports(copy_of_project)
    victim.write_text(clean)

    assert done.returncode != 0
    assert "BROKEN" in done.stdout
