"""The house stays as its picture says: no stray entries, no bare now, no linear history broken."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "recommendations", "experiments", "storefront")
TOP_LEVEL = {
    *(".ci", ".git", ".github", ".gitignore", ".pre-commit-config.yaml", "pyproject.toml", "requirements", "manage.py"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "Makefile", "Dockerfile", "compose.yaml", "docs"),
    *("benchmarks", "catalog", "experiments", "recommendations", "storefront", "templates", "tests"),
}
BUILT = {".venv", "var", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".coverage", "htmlcov", ".hypothesis"}
BUILT |= {"__pycache__", ".import_linter_cache"}

# Who may ask the system for the time of day: the clock itself, and packages' doors to it.
CLOCK_DOORS = {"storefront/clock.py", "experiments/conf.py", "recommendations/server/wire/signing.py"}
BARE_NOW = re.compile(
    r"timezone\.now|datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.time(_ns)?\(|auto_now|\bNow\(\)"
    r"|\bnow\(\)(?=[^\n]*(SELECT|INSERT|UPDATE|::))|CURRENT_TIMESTAMP|clock_timestamp"
)


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_top_level_holds_only_what_the_picture_shows() -> None:
    found = {entry.name for entry in PROJECT.iterdir()}

    assert found - TOP_LEVEL - BUILT == set()


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(PROJECT)))
def test_module_says_its_job_and_stays_small(path: Path) -> None:
    source = path.read_text()

    if source.strip():
        assert ast.get_docstring(ast.parse(source)), "say the module's job in one line"
    assert len(source.splitlines()) <= 300, "one noun a module; split by meaning"


def test_nobody_but_the_clock_asks_the_system_for_the_time() -> None:
    offenders = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in modules()
        if str(path.relative_to(PROJECT)) not in CLOCK_DOORS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if BARE_NOW.search(line)
    ]

    assert offenders == []


@pytest.mark.django_db
def test_migrations_match_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_migrations_are_linear() -> None:
    graph = MigrationLoader(None).graph

    for app in ("accounts", "catalog", "recommendations", "experiments"):
        assert len(graph.leaf_nodes(app)) == 1
