"""What nobody is shown and still costs: found once its drain is over, deleted, and never what is live and wanted."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from recommendations.adapters import ledger, registry
from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.paid import PaidControlPlane
from recommendations.adapters.personalize.costs import HOURS_A_MONTH, tps_usd
from recommendations.exceptions import BackendUnavailable
from recommendations.models import DatasetGroup, Deployment, LiveCampaign, RetrainRun, Rotation, Swap
from recommendations.pipeline.control import abandon_run
from recommendations.pipeline.reaping import find_idle, reap, reap_left_over
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.fixture(autouse=True)
def billing(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The embedded backend as if it cost money, with a drain that is over at once."""
    backend = replace(EMBEDDED, control=PaidControlPlane(EMBEDDED.control), bills=True)
    monkeypatch.setitem(registry.BACKENDS, "embedded", backend)
    settings.DRAIN_S = 0


def leave_behind() -> RetrainRun:
    """An abandoned run, whose campaign stands ready and is never shown."""
    make_past()
    run = advance_to(RetrainStatus.HEARTBEAT)
    return abandon_run(run, actor="ann", reason="the wrong window")


def put_live(rotation: Rotation) -> LiveCampaign:
    advance_to(RetrainStatus.SUCCEEDED, rotation)
    return LiveCampaign.objects.get(rotation=rotation)


def make_sleeper() -> LiveCampaign:
    rotation = ensure_rotation("spare", "nowhere", "aws-user-personalization")
    make_past()
    live = put_live(rotation)
    Rotation.objects.filter(pk=rotation.pk).update(is_active=False)
    return live


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("reap_campaigns", *arguments, stdout=out)
    return out.getvalue()


def test_reaper_finds_what_an_abandoned_run_left_and_what_it_costs() -> None:
    run = leave_behind()

    found = find_idle()

    assert [(idle.run.pk, idle.is_live) for idle in found] == [(run.pk, False)]
    assert found[0].usd_a_month == pytest.approx(tps_usd(run.rotation.recipe) * HOURS_A_MONTH)
    assert found[0].why == "its run ended abandoned and it is not live"


def test_reaper_deletes_it_and_its_side_is_nobodys() -> None:
    run = leave_behind()

    assert reap_left_over() == 1

    assert not DatasetGroup.objects.exists()
    assert not ledger.open_campaigns().exists()
    assert not Deployment.objects.exclude(campaign_arn="").exists()
    assert RetrainRun.objects.get(pk=run.pk).torn_down_at is not None
    assert find_idle() == []


def test_reaper_waits_out_the_drain(settings: Settings) -> None:
    leave_behind()
    settings.DRAIN_S = 900

    assert find_idle() == []
    assert DatasetGroup.objects.exists()


def test_reaper_leaves_a_rotation_alone_whose_run_is_active() -> None:
    left = leave_behind()
    idle = find_idle()[0]
    start_run(left.rotation)

    is_gone = reap(idle)

    assert not is_gone
    assert find_idle() == []
    assert DatasetGroup.objects.filter(name=left.resource_name).exists()


def test_reaper_keeps_what_is_live() -> None:
    make_past()
    live = put_live(ensure_default_rotation())

    assert reap_left_over() == 0

    assert find_idle() == []
    assert LiveCampaign.objects.get().campaign_arn == live.campaign_arn


def test_reaper_looks_at_no_backend_that_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_behind()
    monkeypatch.setitem(registry.BACKENDS, "embedded", EMBEDDED)

    assert find_idle() == []


def test_schedule_tells_of_a_sleeper_and_keeps_it() -> None:
    live = make_sleeper()

    assert reap_left_over() == 0

    assert [(idle.is_live, idle.run.rotation_id) for idle in find_idle()] == [(True, "spare")]
    assert LiveCampaign.objects.get().campaign_arn == live.campaign_arn


def test_command_deletes_a_sleeper_when_told_to_and_a_retrain_brings_it_back() -> None:
    make_sleeper()

    told = run_command("--asleep")

    assert "rotation spare is disabled and nothing shows it" in told
    assert not LiveCampaign.objects.exists()
    assert not DatasetGroup.objects.exists()
    live = put_live(Rotation.objects.get(key="spare"))
    assert live.version == 2
    assert list(Swap.objects.values_list("version", flat=True)) == [2, 1]


def test_sleeper_that_woke_up_meanwhile_is_kept() -> None:
    make_sleeper()
    idle = find_idle()[0]
    Rotation.objects.update(is_active=True)

    assert not reap(idle)

    assert LiveCampaign.objects.exists()


def test_dry_run_deletes_nothing() -> None:
    leave_behind()

    told = run_command("--dry-run", "--asleep")

    assert "146.00 USD a month" in told
    assert DatasetGroup.objects.exists()


def test_one_that_cannot_be_deleted_now_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = leave_behind()

    def fail(_: object, __: str) -> bool:
        raise BackendUnavailable("away")

    monkeypatch.setattr(PaidControlPlane, "delete_dataset_group", fail)

    assert reap_left_over() == 0

    assert [idle.run.pk for idle in find_idle()] == [run.pk]


def test_command_says_when_nothing_is_idle() -> None:
    assert run_command() == "Nothing is idle.\n"
