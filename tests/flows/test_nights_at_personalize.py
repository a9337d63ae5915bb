"""The shop's whole nightly retrain at Amazon Personalize: boto3, the wire server, S3, and settings alone."""

import time

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters.aws.clients import client
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import listed
from recommendations.adapters.registry import get_backend
from recommendations.events import trackers
from recommendations.events.ids import uuid7
from recommendations.events.store import store
from recommendations.exceptions import InvalidInput
from recommendations.models import DatasetGroup, LiveCampaign, PaidAct, RetrainRun, Rotation, Swap
from recommendations.pipeline.gates.results import Verdict, gate_results
from recommendations.pipeline.helping import drain_store
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from recommendations.ports import Interaction
from recommendations.serving.asking import ask
from recommendations.serving.live import forget_live_campaigns
from storefront.page_view import PageView
from storefront.second_row import row
from tests.aws_mock import BUCKET
from tests.factories.retraining import make_past, past_of
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, stock_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calm_world", "personalize_service")]

NIGHT_WITHIN_S = 300.0


@pytest.fixture(autouse=True)
def at_personalize(settings: Settings) -> None:
    settings.RECOMMENDER_BACKEND = "personalize"
    settings.DRAIN_S = 0


def night(until: RetrainStatus = RetrainStatus.SUCCEEDED, rotation: Rotation | None = None) -> RetrainRun:
    """Advance the night's run as ticks do, until it is at a step or has ended."""
    run = start_run(rotation or ensure_default_rotation())
    deadline_s = time.monotonic() + NIGHT_WITHIN_S
    with hold_run(run) as held:
        while held.run.status != until and held.run.is_active:
            assert time.monotonic() < deadline_s, held.run.status
            if held.run.status == RetrainStatus.EXPORT:
                drain_store()
            advance(held)
            time.sleep(0.05)
    run.refresh_from_db()
    forget_live_campaigns()
    return run


def groups() -> dict[str, dict[str, str]]:
    """Name -> tags of what the shop has at the service, where others may have groups too."""
    tags = {
        each["name"]: {
            tag["tagKey"]: tag["tagValue"]
            for tag in control("list_tags_for_resource", resourceArn=each["datasetGroupArn"])["tags"]
        }
        for each in listed("list_dataset_groups", "datasetGroups")
    }
    return {name: each for name, each in tags.items() if each.get("managed-by") == "storefront"}


def files() -> list[str]:
    return [each["Key"] for each in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def view_of(shopper_key: str, item_id: str) -> Interaction:
    moment = conf.now()
    return Interaction(uuid7(moment), shopper_key, "visit", item_id, "product_view", moment, moment)


def test_nights_swap_between_maize_and_blue_and_leave_nothing_of_the_old_side() -> None:
    even, _ = make_past()

    first = night()
    maize = LiveCampaign.objects.select_related("rotation").get()
    files_of_first = files()
    second = night()

    blue = LiveCampaign.objects.get()
    assert (first.status, second.status) == (RetrainStatus.SUCCEEDED, RetrainStatus.SUCCEEDED)
    assert maize.rotation.backend == "personalize"
    assert not DatasetGroup.objects.exists()
    assert list(Swap.objects.order_by("pk").values_list("from_colour", "to_colour")) == [
        ("", "maize"),
        ("maize", "blue"),
    ]
    assert list(groups()) == [second.resource_name]
    assert groups()[second.resource_name].items() >= {"rotation": "home", "colour": "blue"}.items()
    assert files_of_first
    assert files()
    assert not set(files_of_first) & set(files())
    shown = ask("home", lambda runtime, live: runtime.get_recommendations(live.campaign_arn, k=8, user_id="even-0"))
    assert shown.campaign_arn == blue.campaign_arn
    assert shown.answer is not None
    assert sum(item in even for item in shown.answer.item_ids) >= 7
    # The gates looked: at what the service measured of both models, and at lists of real shoppers.
    verdicts = {each.gate: each.verdict for each in gate_results(second.report)}
    assert verdicts["offline_drop"] is Verdict.PASSED
    assert verdicts["offline_paired"] is Verdict.NOT_JUDGED
    assert verdicts["heartbeat"] is verdicts["overlap"] is Verdict.PASSED
    assert second.report["import"]["n_rows"] == second.report["export"]["n_rows"] == 1200
    assert PaidAct.objects.filter(kind=PaidAct.Kind.TRAINING).count() == 2


def test_event_reaches_the_trackers_of_both_sides() -> None:
    _, odd = make_past()
    night()
    run = night(RetrainStatus.SWAP)
    views = [view_of("newcomer", item) for item in odd[:5]]

    trackers.of_settings().handle(views)

    runtime = get_backend("personalize").runtime
    for deployment in run.rotation.deployments.all():
        listed_items = runtime.get_recommendations(deployment.campaign_arn, user_id="newcomer", k=8).item_ids
        assert sum(item in odd for item in listed_items) >= 7, deployment.colour


def test_night_that_a_gate_stops_leaves_the_live_campaign_and_the_next_one_deletes_what_it_built() -> None:
    make_past()
    night()
    before = LiveCampaign.objects.get()
    Rotation.objects.update(gates={"max_overlap_share": 0.0})

    stopped = night()

    assert (stopped.status, stopped.failure_step) == (RetrainStatus.FAILED, RetrainStatus.HEARTBEAT)
    assert "overlap" in stopped.failure_reason
    assert LiveCampaign.objects.get().campaign_arn == before.campaign_arn
    assert len(groups()) == 2
    Rotation.objects.update(gates={})
    again = night()
    assert again.status == RetrainStatus.SUCCEEDED
    assert list(groups()) == [again.resource_name]


def test_two_pairs_are_measured_against_each_other_and_a_third_is_refused(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 5.0
    skus = stock_shop()
    odd = skus[20:40]
    store(past_of((skus[:20], odd)))
    other = ensure_rotation("home-popular", "home-recommended", "aws-popularity-count")
    runs = night(), night(rotation=other)
    run_experiment({"rotation": "home"}, {"rotation": "home-popular"})
    shoppers = [make_shopper_in(name) for name in ("control", "treatment")]
    for shopper in shoppers:
        trackers.of_settings().handle([view_of(shopper.shopper_key, item) for item in odd[:5]])
        look_at(shopper, *odd[:5])

    plans = [row.second_row(PageView(shopper), set(), k=6) for shopper in shoppers]

    assert [plan.served.rotation for plan in plans] == ["home", "home-popular"]
    assert [plan.served.rung for plan in plans] == ["personal", "personal"]
    campaigns = dict(LiveCampaign.objects.values_list("rotation__key", "campaign_arn"))
    assert [plan.served.campaign_arn for plan in plans] == [campaigns["home"], campaigns["home-popular"]]
    assert sum(item in odd for item in plans[0].served.item_ids) >= 5
    assert sum(item in odd for item in plans[1].served.item_ids) < 5
    assert set(groups()) == {run.resource_name for run in runs}
    with pytest.raises(InvalidInput, match="has the rotations home, home-popular already"):
        ensure_rotation("third", "home-recommended", "aws-user-personalization")
