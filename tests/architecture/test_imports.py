"""The import contracts of pyproject.toml hold, and each catches the import it is there for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "recommendations", "experiments", "storefront")

ONE_WAY = "One way: catalog <- recommendations <- storefront"
ALONE = "experiments stands alone"
ONLY_STOREFRONT = "Only the storefront uses experiments"
FLOORS = "Floors inside recommendations"
TWO_SETS = "The embedded backend's rows and the shop's rows never meet"
PURE = "Pure rooms know no framework"
DOOR = "items.py is the only door to catalog"
AWS = "AWS's libraries stay at the edges to AWS"

WRONG_IMPORTS = [
    (ONE_WAY, "catalog/housekeeping.py", "import recommendations.ports"),
    (ONE_WAY, "catalog/housekeeping.py", "import storefront.clock"),
    (ONE_WAY, "recommendations/tasks.py", "import storefront.rows"),
    (ALONE, "experiments/assignment.py", "import catalog.models"),
    (ONLY_STOREFRONT, "recommendations/tasks.py", "import experiments.assignment"),
    (FLOORS, "recommendations/serving/recommend.py", "import recommendations.pipeline.runner"),
    (FLOORS, "recommendations/events/store.py", "import recommendations.serving.recommend"),
    (FLOORS, "recommendations/models/rotations.py", "import recommendations.events.stream"),
    (TWO_SETS, "recommendations/adapters/embedded/runtime.py", "import recommendations.models.rotations"),
    (PURE, "recommendations/ports/values.py", "import django.conf"),
    (PURE, "recommendations/engine/models/rules.py", "import django.conf"),
    (PURE, "recommendations/events/schema.py", "import redis"),
    (PURE, "catalog/art/render.py", "import django.conf"),
    (PURE, "catalog/matching.py", "import django.conf"),
    (PURE, "experiments/bucketing.py", "import django.conf"),
    (PURE, "experiments/stats/mean.py", "import django.conf"),
    (PURE, "storefront/embedded/postgres.py", "import django.conf"),
    (PURE, "storefront/env.py", "import django.conf"),
    (DOOR, "recommendations/serving/recommend.py", "import catalog.models"),
    (AWS, "recommendations/serving/recommend.py", "import boto3"),
    (AWS, "recommendations/adapters/personalize/events.py", "import botocore.exceptions"),
    (AWS, "storefront/settings.py", "from boto3 import client"),
]


def broken_contracts(where: Path) -> set[str]:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=where, capture_output=True, text=True, check=False)
    return set(re.findall(r"^(.+?) BROKEN", done.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def copy_of_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(PROJECT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, copy / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    return copy


def test_every_contract_holds(copy_of_project: Path) -> None:
    assert broken_contracts(copy_of_project) == set()


@pytest.mark.parametrize(("contract", "module", "wrong_import"), WRONG_IMPORTS)
def test_planted_import_breaks_its_contract(
    copy_of_project: Path, contract: str, module: str, wrong_import: str
) -> None:
    victim = copy_of_project / module
    clean = victim.read_text()

    victim.write_text(f"{clean}\n{wrong_import}\n")
    broken = broken_contracts(copy_of_project)
    victim.write_text(clean)

    assert contract in broken


def test_every_contract_has_a_planted_import() -> None:
    contracts = (PROJECT / "pyproject.toml").read_text().split("[[tool.importlinter.contracts]]")[1:]
    named = {re.findall(r'^name = "(.+)"$', contract, re.MULTILINE)[0] for contract in contracts}

    assert named == {contract for contract, _, _ in WRONG_IMPORTS}
