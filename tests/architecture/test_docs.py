"""The documents keep up with the code."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from storefront.env import Environment
from storefront.schedule import beat_schedule

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("catalog", "recommendations", "experiments", "storefront")
PAGES = sorted(page for room in (".", "docs", *ROOMS) for page in (PROJECT / room).glob("*.md"))


def test_every_setting_is_documented() -> None:
    documented = (PROJECT / "docs" / "settings.md").read_text()

    missing = [name.upper() for name in Environment.model_fields if f"`{name.upper()}`" not in documented]

    assert missing == []


def test_every_beat_entry_names_a_task_that_exists() -> None:
    from storefront.celery import app

    app.loader.import_default_modules()

    assert {entry["task"] for entry in beat_schedule(retrain_tick_s=60).values()} <= set(app.tasks)


def test_every_runtime_dependency_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text().lower()
    lines = (PROJECT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("]\n", 1)[0].splitlines()
    names = [
        line.strip().strip('",').split(">")[0].split("[")[0].split("=")[0].lower() for line in lines if line.strip()
    ]

    assert [name for name in names if name not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text())

    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_no_page_holds_a_placeholder(page: Path) -> None:
    assert re.findall(r"^(?:[A-Z]{5,}|TODO|TBD)$", page.read_text(), re.MULTILINE) == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_package_says_what_it_is_for(package: str) -> None:
    assert (PROJECT / package / "README.md").is_file()


def test_every_command_of_the_readme_exists() -> None:
    readme = (PROJECT / "README.md").read_text()

    named = set(re.findall(r"manage\.py ([a-z_]+)", readme))

    assert named - set(get_commands()) == set()


def test_every_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`?make ([a-z][a-z-]+)`", page.read_text())}

    assert named - targets == set()


def test_every_benchmark_named_in_the_documents_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"python -m benchmarks\.(\w+(?:\.\w+)*)", page.read_text())}

    assert {name for name in named if not (PROJECT / "benchmarks" / f"{name.replace('.', '/')}.py").is_file()} == set()
