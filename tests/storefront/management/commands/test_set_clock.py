from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("set_clock", *arguments, stdout=out)
    return out.getvalue()


def test_set_clock_shows_the_systems_time_of_a_new_world() -> None:
    said = run()

    assert "(the system's)" in said


@pytest.mark.parametrize("moment", ["2011-12-09T12:51:00Z", "2011-12-09 12:51", "2011-12-09T13:51:00+01:00"])
def test_set_clock_sets_the_worlds_time_in_utc(moment: str) -> None:
    said = run(moment)

    assert settings.CLOCK.now() - datetime(2011, 12, 9, 12, 51, tzinfo=UTC) < timedelta(minutes=1)
    assert said.startswith("2011-12-09T12:51")


def test_set_clock_real_undoes_it() -> None:
    run("2011-12-09T12:51:00Z")

    said = run("real")

    assert not settings.CLOCK.is_set()
    assert settings.CLOCK.now().year >= 2026
    assert "(the system's)" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("yesterday",),
        ("2011-12-09", "--rate", "0"),
        ("2011-12-09", "--rate", "-1"),
        ("--rate", "5"),
        ("real", "--rate", "5"),
    ],
)
def test_set_clock_names_what_is_wrong(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"write it as|give a number|give that too"):
        run(*arguments)

    assert not settings.CLOCK.is_set()


@pytest.mark.parametrize(
    "moment", ["1999-12-31", "2101-01-01", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"]
)
def test_set_clock_refuses_a_time_that_nothing_is_made_for(moment: str) -> None:
    with pytest.raises(CommandError, match=r"years 2000 to 2100|write it as"):
        run(moment)

    assert not settings.CLOCK.is_set()


def test_set_clock_names_a_damaged_file_and_mends_it(world_dir: Path) -> None:
    world_dir.mkdir()
    (world_dir / "clock.json").write_text("{")

    with pytest.raises(CommandError, match=r"clock\.json: must be a JSON object.*set_clock real"):
        run()
    said = run("real")

    assert "(the system's)" in said
