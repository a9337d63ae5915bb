from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from experiments.history import describe_change
from experiments.models import Experiment, Layer, Phase, RampChange
from tests.experiments.conftest import KEY
from tests.factories.experiments import plan_experiment


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("ramp", *arguments, stdout=written)
    return written.getvalue()


def test_ramp_takes_the_share_that_sees_it(experiment: Experiment) -> None:
    written = run(KEY, "1%", "--reason", "canary", "--by", "ann")

    assert Phase.objects.get().coverage_bp == 200
    assert RampChange.objects.get().actor == "ann"
    assert "1% see it (Old homepage 1%, Recommended For You 1%, Exempt 98%)" in written


def test_ramp_holds_rolls_back_completes_and_ships(running: Experiment) -> None:
    held = run(KEY, "hold", "--reason", "odd figures")
    resumed = run(KEY, "resume", "--reason", "explained")
    off = run(KEY, "roll-back", "--reason", "errors")
    back = run(KEY, "reopen", "--reason", "fixed")
    completed = run(KEY, "complete", "--reason", "over")
    on = run(KEY, "ship", "--reason", "it helps")

    assert "Held; 30% see it" in held
    assert "Running; 30% see it" in resumed
    assert "Rolled back; 0% see it" in off
    assert "Running; 1% see it" in back
    assert "Completed; 0% see it" in completed
    assert "Shipped; 100% see it" in on


def test_ramp_approves_a_step(experiment: Experiment) -> None:
    run(KEY, "start", "--reason", "canary")

    run(KEY, "approve", "--reason", "looks well", "--by", "bob")

    assert Phase.objects.get().approved_step == 1
    assert RampChange.objects.latest("pk").actor == "bob"


def test_ramp_names_each_thing_that_the_plan_lacks(experiment: Experiment) -> None:
    plan_experiment(experiment, research_note="", guardrails=[])

    with pytest.raises(CommandError, match=r"Research note is missing: .*Guardrails are missing: .*plan_incomplete"):
        run(KEY, "1", "--reason", "canary")

    assert not Phase.objects.exists()


def test_ramp_in_a_layer_tells_the_share_of_all_too(experiment: Experiment, client: Client) -> None:
    experiment.layer = Layer.objects.create(key="home", name="Homepage")
    experiment.layer_start, experiment.layer_stop = 0, 2000
    experiment.save()

    written = run(KEY, "5", "--reason", "canary")
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "x"))
    page = client.get(reverse("admin:experiments_experiment_ramp", args=[experiment.pk])).content.decode()
    record = describe_change(RampChange.objects.get())

    assert "The shares are of 20% of all shoppers, its part of the layer Homepage: 1% of all see it." in written
    assert "<strong>1%</strong> of all shoppers see it." in page
    assert record.after == "5% see it (10% in the test) of its 20% of the layer, 1% of all"


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
        ((KEY, "2.5", "--reason", " "), "--reason"),
        (("nothing", "2.5", "--reason", "x"), f"Known are {KEY}.*unknown_experiment"),
        (("nothing",), f"Known are {KEY}.*unknown_experiment"),
    ],
)
def test_ramp_says_what_is_wrong(running: Experiment, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)

    assert RampChange.objects.count() == 1
