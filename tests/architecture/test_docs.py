"""The documents keep up with the code."""

from pathlib import Path

from storefront.env import Environment
from storefront.schedule import BEAT_SCHEDULE

PROJECT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented() -> None:
    documented = (PROJECT / "docs" / "settings.md").read_text()

    missing = [name.upper() for name in Environment.model_fields if f"`{name.upper()}`" not in documented]

    assert missing == []


def test_every_beat_entry_names_a_task_that_exists() -> None:
    from storefront.celery import app

    app.loader.import_default_modules()

    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_every_runtime_dependency_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text().lower()
    lines = (PROJECT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("]\n", 1)[0].splitlines()
    names = [
        line.strip().strip('",').split(">")[0].split("[")[0].split("=")[0].lower() for line in lines if line.strip()
    ]

    assert [name for name in names if name not in readme] == []
