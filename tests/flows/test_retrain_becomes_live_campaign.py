"""A nightly retrain becomes the live campaign, whoever is killed on the way."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from recommendations import conf
from recommendations.adapters.embedded.rings import read_events
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.events import trackers
from recommendations.events.ids import uuid7
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from recommendations.models import (
    DatasetGroup,
    Deployment,
    Interaction,
    LiveCampaign,
    RetrainRun,
    SolutionVersion,
    StepAttempt,
    Swap,
)
from recommendations.pipeline.states import AFTER_SWAP, STEPS, RetrainStatus
from recommendations.ports import Interaction as Fact
from tests.factories.retraining import make_past

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calm_world")]

PROJECT = Path(__file__).resolve().parents[2]
CONNECTION = ("dbname", "user", "password", "host", "port")
HANDS = ("command", "tick") * 2
# Between its beginning and its end a step may die once more: in the training, or once the swap is recorded.
BETWEEN = {RetrainStatus.TRAIN: ("begun", "training", "worked"), RetrainStatus.SWAP: ("begun", "worked", "recorded")}
# By turns a foreground command dies, and a tick or the trainer; each goes on where the other was killed.
KILLS = [
    (hands, step, moment)
    for number, step in enumerate(STEPS)
    for moment, hands in zip(BETWEEN.get(step, ("begun", "worked")), HANDS[number % 2 :], strict=False)
]


def retrain(world: Path, *killed_at: str) -> "subprocess.CompletedProcess[str]":
    """Run the command on the test's own database, in a process of its own."""
    database = {key: value for key, value in connection.get_connection_params().items() if key in CONNECTION}
    arguments = ["-m", "tests.flows.killed_retrain", *killed_at] if killed_at else ["manage.py", "retrain"]
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://?{'&'.join(f'{key}={value}' for key, value in database.items())}",
            "REDIS_URL": settings.VALKEY.client(0),
            "VAR_DIR": str(world.parent),
            "WORLD": world.name,
            "WATERMARK_SLACK_S": "0",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def assert_serves(live: LiveCampaign) -> None:
    """The pointer names a campaign that answers, whatever has just died."""
    answer = EmbeddedRuntime().get_recommendations(live.campaign_arn, user_id="even-0", k=12)
    assert len(set(answer.item_ids)) == 12


def test_retrain_killed_at_every_step_completes_and_never_unseats_the_live_campaign(calm_world: Path) -> None:
    make_past()
    assert retrain(calm_world).returncode == 0
    maize = LiveCampaign.objects.get()

    for hands, step, moment in KILLS:
        died = retrain(calm_world, hands, step.value, moment)

        assert died.returncode == -signal.SIGKILL, f"{hands} {step} {moment}: {died.stdout}{died.stderr}"
        live = LiveCampaign.objects.get()
        has_swapped = step in AFTER_SWAP or (step is RetrainStatus.SWAP and moment != "begun")
        assert live.deployment.colour == ("blue" if has_swapped else "maize")
        assert_serves(live)

    blue = LiveCampaign.objects.get()
    assert (maize.version, blue.version) == (1, 2)
    # All those deaths were one run. One command ends it, since the side serves already; the next begins another.
    assert retrain(calm_world).returncode == 0
    assert RetrainRun.objects.get(colour="blue").status == RetrainStatus.SUCCEEDED
    again = retrain(calm_world)
    assert again.returncode == 0, again.stderr
    assert LiveCampaign.objects.get().deployment.colour == "maize"
    assert DatasetGroup.objects.count() == SolutionVersion.objects.count() == 2
    assert list(Swap.objects.order_by("pk").values_list("from_colour", "to_colour")) == [
        ("", "maize"),
        ("maize", "blue"),
        ("blue", "maize"),
    ]
    tokens = list(StepAttempt.objects.filter(run__colour="blue").order_by("pk").values_list("fencing_token", flat=True))
    assert tokens == sorted(tokens)


def test_interaction_reaches_the_new_campaign_by_import_or_by_tracker_and_never_by_both(calm_world: Path) -> None:
    make_past()
    sku = Interaction.objects.values_list("item_id", flat=True)[0]
    before = view_of(sku, conf.now() - timedelta(seconds=1))
    ValkeyStream.of_settings().append(encode_entries([before], received_at=before.received_at))

    done = retrain(calm_world)
    after = view_of(sku, conf.now())
    trackers.of_settings().handle([before, after])

    assert done.returncode == 0, done.stderr
    side = Deployment.objects.get(colour="maize")
    assert RetrainRun.objects.get().report["import"]["n_rows"] == Interaction.objects.count()
    assert Interaction.objects.filter(pk=before.event_id, received_at__lte=side.watermark_at).exists()
    live = read_events(side.tracking_id, "late-comer")
    assert [event.timestamp for event in live] == [int(after.occurred_at.timestamp())]


def view_of(sku: str, moment: datetime) -> Fact:
    return Fact(uuid7(moment), "late-comer", "s", sku, "product_view", moment, moment)
