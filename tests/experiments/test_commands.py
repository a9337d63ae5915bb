from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Experiment, Phase, RampChange
from tests.experiments.conftest import KEY


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("ramp", *arguments, stdout=written)
    return written.getvalue()


def test_ramp_takes_the_share_that_sees_it(experiment: Experiment) -> None:
    written = run(KEY, "1%", "--reason", "canary", "--by", "ann")

    assert Phase.objects.get().coverage_bp == 200
    assert RampChange.objects.get().actor == "ann"
    assert "1% see it (Old homepage 1%, Recommended For You 1%, Exempt 98%)" in written


def test_ramp_turns_on_off_and_stops(running: Experiment) -> None:
    off = run(KEY, "off", "--reason", "errors")
    back = run(KEY, "reopen", "--reason", "fixed")
    stopped = run(KEY, "stop", "--reason", "over")
    on = run(KEY, "on", "--reason", "it helps")

    assert "Off for everyone; 0% see it" in off
    assert "Running; 30% see it" in back
    assert "Not running; 0% see it" in stopped
    assert "On for everyone; 100% see it" in on


def test_ramp_without_share_only_looks(running: Experiment) -> None:
    written = run(KEY)

    assert "Running; 30% see it" in written
    assert RampChange.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((KEY, "2.5"), r"reason_missing"),
        ((KEY, "70", "--reason", "x"), "at most 50% can"),
        ((KEY, "much", "--reason", "x"), "is not a percentage"),
        (("nothing", "2.5", "--reason", "x"), "unknown_experiment"),
    ],
)
def test_ramp_says_what_is_wrong(running: Experiment, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)

    assert RampChange.objects.count() == 1
