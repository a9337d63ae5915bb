"""/metrics tells staff, the token and allowed networks; to everybody else it does not exist."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from catalog.payments.paying import pay
from recommendations import conf
from recommendations.models import Deployment, LiveCampaign, RetrainRun, Rotation, StepAttempt
from storefront import metrics
from storefront.env import LOOPBACK
from storefront.letters.models import Letter
from storefront.letters.sending import send_letters
from storefront.letters.writing import write_letters
from tests.factories.letters import make_reader
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-enough-characters"


@pytest.fixture(autouse=True)
def closed(settings: Settings) -> None:
    settings.METRICS_NETWORKS = ()
    settings.METRICS_TOKEN = ""


def read(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }


def test_nobody_reads_it_by_accident(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_token_opens_it_and_a_wrong_one_does_not(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN

    statuses = [
        client.get("/metrics", headers={"Authorization": given}).status_code
        for given in (f"Bearer {TOKEN}", "Bearer nonsense", TOKEN, "")
    ]

    assert statuses == [200, 404, 404, 404]


def test_empty_token_opens_nothing(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_allowed_network_opens_it_unless_a_proxy_forwarded(client: Client, settings: Settings) -> None:
    settings.METRICS_NETWORKS = LOOPBACK

    direct = client.get("/metrics").status_code
    forwarded = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code
    foreign = client.get("/metrics", REMOTE_ADDR="203.0.113.5").status_code
    nameless = client.get("/metrics", REMOTE_ADDR="").status_code

    assert (direct, forwarded, foreign, nameless) == (200, 404, 404, 404)


@pytest.mark.parametrize(("is_staff", "status"), [(True, 200), (False, 404)])
def test_staff_reads_it_and_shoppers_do_not(client: Client, is_staff: bool, status: int) -> None:
    client.force_login(get_user_model().objects.create_user("anna", password="x", is_staff=is_staff))

    assert client.get("/metrics").status_code == status


def test_facts_of_runs_model_and_stream_are_told(client: Client, settings: Settings) -> None:
    settings.METRICS_NETWORKS = LOOPBACK
    now = conf.now()
    rotation = Rotation.objects.create(key="home", slot="home-recommended")
    side = Deployment.objects.create(rotation=rotation, colour="maize", campaign_arn="arn:1", trained_at=now)
    LiveCampaign.objects.create(rotation=rotation, deployment=side, campaign_arn="arn:1", swapped_at=now)
    ended = {"rotation": rotation, "colour": "maize", "created_at": now, "updated_at": now, "finished_at": now}
    RetrainRun.objects.create(status="failed", failure_step="train", **ended)
    run = RetrainRun.objects.create(status="succeeded", **ended)
    for event in (StepAttempt.Event.STARTED, StepAttempt.Event.DONE):
        StepAttempt.objects.create(run=run, step="train", event=event, holder="x", fencing_token=1, at=now)

    told = read(client)

    assert told["shop_up"] == {("database",): 1, ("valkey",): 1}
    assert told["shop_retrain_runs"] == {("home", "failed"): 1, ("home", "succeeded"): 1}
    assert told["shop_retrain_failures"] == {("home", "train"): 1}
    assert told["shop_retrain_step_seconds"] == {("home", "train"): 0}
    assert told["shop_live_model_age_seconds"][("home",)] < 60
    assert set(told["shop_stream_lag_seconds"]) == {("store",), ("trackers",), ("recent",), ("exposures",)}
    assert "shop_outbox_oldest_seconds" in told


def test_facts_of_orders_and_payments_are_told(client: Client, settings: Settings) -> None:
    settings.METRICS_NETWORKS = LOOPBACK
    make_order("shipped")
    silent = make_order(token="test-silent")
    pay(silent.pk)

    told = read(client)

    assert told["shop_orders_under_way"] == {("matched",): 1, ("paid",): 0, ("shipped",): 1}
    assert told["shop_payments_unanswered"] == {(): 1}
    assert 0 <= told["shop_payment_oldest_seconds"][()] < 60
    assert told["shop_refunds_declined"] == {(): 0}


def test_letters_that_wait_are_told_with_the_age_of_the_oldest(client: Client, settings: Settings) -> None:
    settings.METRICS_NETWORKS = LOOPBACK
    write_letters()
    quiet = read(client)
    make_order(buyer=make_reader("ann"), seller=make_reader("bob"))
    write_letters()

    told = read(client)
    send_letters()

    assert (quiet["shop_letters_waiting"], quiet["shop_letter_oldest_seconds"]) == ({(): 0}, {(): 0})
    assert told["shop_letters_waiting"] == {(): 2}
    assert 0 <= told["shop_letter_oldest_seconds"][()] < 60
    assert read(client)["shop_letters_waiting"] == {(): 0}


def test_letters_that_failed_and_steps_that_nobody_went_through_are_told(client: Client, settings: Settings) -> None:
    settings.METRICS_NETWORKS = LOOPBACK
    write_letters()
    for name in ("ann", "bea", "cid"):
        make_order(buyer=make_reader(name))
    write_letters()
    first, *others = Letter.objects.order_by("pk")
    Letter.objects.filter(pk=first.pk).update(status=Letter.Status.REFUSED)
    Letter.objects.filter(pk__in=[letter.pk for letter in others]).update(status=Letter.Status.UNSURE)

    told = read(client)
    make_order(buyer=make_reader("dan"))
    with settings.CLOCK.at(conf.now() + timedelta(hours=2)):
        late = read(client)

    assert told["shop_letters_failed"] == {("refused",): 1, ("unsure",): 2}
    assert told["shop_letters_behind_seconds"] == {(): 0}
    assert 7200 <= late["shop_letters_behind_seconds"][()] < 7260


def test_counts_are_told_while_the_database_is_away(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRICS_NETWORKS = LOOPBACK

    def refuse() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(metrics, "gather", refuse)

    told = read(client)

    assert told["shop_up"] == {("database",): 0}
    assert "shop_page_seconds" in told
