"""Retrain, abandon and roll back: by whom, with a reason, once, and on record."""

from typing import cast

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recommendations import conf
from recommendations.models import GateWaiver, LiveCampaign, RetrainAction, RetrainRun, Rotation, Swap
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from tests.factories.accounts import make_user
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

PERMISSIONS = {"retrain": "retrain_rotation", "abandon": "abandon_rotation_run", "roll-back": "roll_back_rotation"}
WHY = "The new shoes came in"


@pytest.fixture
def rotation() -> Rotation:
    return ensure_default_rotation()


def address(action: str) -> str:
    return reverse("campaign-action", args=["home", action])


def seen_by(client: Client, action: str) -> int:
    """What the confirmation page sends along."""
    form = client.get(address(action)).context["form"]
    seen: int = form.initial["seen"]
    return seen


def post(client: Client, action: str, *, reason: str = WHY, seen: int | None = None) -> HttpResponse:
    data = {"reason": reason, "seen": seen_by(client, action) if seen is None else seen}
    return cast("HttpResponse", client.post(address(action), data, follow=True))


def live_colour() -> str:
    return LiveCampaign.objects.select_related("deployment").get().deployment.colour


def swap_twice() -> None:
    make_past()
    retrain()
    retrain()


def test_retrain_begins_a_run_and_is_on_record(rotation: Rotation, admin_client: Client) -> None:
    answer = post(admin_client, "retrain")

    run, entry = RetrainRun.objects.get(), LogEntry.objects.get()
    assert f"Run {run.pk} rebuilds Maize." in answer.content.decode()
    asked = RetrainAction.objects.get()
    assert (asked.run, asked.actor, asked.reason) == (run, "admin", WHY)
    assert (entry.object_id, entry.change_message) == ("home", f"Run {run.pk} rebuilds Maize. {WHY}")
    assert abs((conf.now() - entry.action_time).total_seconds()) < 60


def test_double_click_on_retrain_makes_one_run(rotation: Rotation, admin_client: Client) -> None:
    seen = seen_by(admin_client, "retrain")

    post(admin_client, "retrain", seen=seen)
    second = post(admin_client, "retrain", seen=seen)

    assert "is under way already" in second.content.decode()
    assert RetrainRun.objects.count() == 1
    assert LogEntry.objects.count() == RetrainAction.objects.count() == 1


def test_click_on_an_old_page_begins_no_second_run(admin_client: Client) -> None:
    make_past()
    ensure_default_rotation()
    seen = seen_by(admin_client, "retrain")
    retrain()

    answer = post(admin_client, "retrain", seen=seen)

    assert "begun and ended since" in answer.content.decode()
    assert RetrainRun.objects.count() == 1


def test_retrain_may_waive_one_gate_once(rotation: Rotation, admin_client: Client) -> None:
    shown = admin_client.get(address("retrain"), {"waive": "row_count"})
    data = {"reason": "A sale ended", "seen": 0, "waive": "row_count"}

    admin_client.post(address("retrain"), data)

    waiver = GateWaiver.objects.get()
    assert shown.context["form"].initial["waive"] == "row_count"
    assert (waiver.gate, waiver.actor, waiver.reason) == ("row_count", "admin", "A sale ended")
    assert waiver.run.is_active
    assert "Gate row_count may fail" in LogEntry.objects.get().change_message


@pytest.mark.parametrize("gate", ["heartbeat", "no_such_gate"])
def test_retrain_waives_no_gate_that_must_hold(rotation: Rotation, admin_client: Client, gate: str) -> None:
    answer = admin_client.post(address("retrain"), {"reason": WHY, "seen": 0, "waive": gate})

    assert answer.status_code == 400
    assert not RetrainRun.objects.exists()


def test_waiving_needs_its_own_permission(client: Client, rotation: Rotation) -> None:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_rotation", "retrain_rotation"]))
    client.force_login(user)

    shown = client.get(address("retrain")).content.decode()
    client.post(address("retrain"), {"reason": WHY, "seen": 0, "waive": "row_count"})

    assert "Waive one gate" not in shown
    assert RetrainRun.objects.exists()
    assert not GateWaiver.objects.exists()


def test_abandon_ends_the_run_and_leaves_what_is_live(admin_client: Client) -> None:
    make_past()
    retrain()
    run = advance_to(RetrainStatus.TRAIN)

    post(admin_client, "abandon")

    run.refresh_from_db()
    assert run.status == RetrainStatus.ABANDONED
    assert live_colour() == "maize"
    assert RetrainAction.objects.get().reason == LogEntry.objects.get().change_message.partition("stays. ")[2] == WHY


def test_abandon_of_a_run_that_has_ended_does_nothing(rotation: Rotation, admin_client: Client) -> None:
    start_run(rotation)
    seen = seen_by(admin_client, "abandon")
    post(admin_client, "abandon", seen=seen)
    following = start_run(rotation)

    answer = post(admin_client, "abandon", seen=seen)

    assert "has ended already" in answer.content.decode()
    following.refresh_from_db()
    assert following.is_active


def test_roll_back_makes_the_other_side_live(admin_client: Client) -> None:
    swap_twice()
    assert live_colour() == "blue"

    answer = post(admin_client, "roll-back")

    assert "Rolled back to Maize" in answer.content.decode()
    assert live_colour() == "maize"
    moved = Swap.objects.get(run=None)
    assert (moved.actor, moved.reason) == ("admin", WHY)
    assert LogEntry.objects.count() == 1


def test_double_click_on_roll_back_rolls_back_once(admin_client: Client) -> None:
    swap_twice()
    seen = seen_by(admin_client, "roll-back")

    post(admin_client, "roll-back", seen=seen)
    second = post(admin_client, "roll-back", seen=seen)

    assert "nothing was rolled back" in second.content.decode()
    assert live_colour() == "maize"
    assert Swap.objects.filter(run=None).count() == 1


def test_roll_back_without_another_side_is_refused(admin_client: Client) -> None:
    make_past()
    retrain()

    shown = admin_client.get(address("roll-back"))
    answer = post(admin_client, "roll-back")

    assert 'type="submit">Roll back' not in shown.content.decode()
    assert answer.status_code == 409
    assert "torn down" in answer.content.decode()
    assert live_colour() == "maize"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
@pytest.mark.parametrize("action", PERMISSIONS)
def test_action_needs_a_reason(rotation: Rotation, admin_client: Client, action: str, reason: str) -> None:
    answer = post(admin_client, action, reason=reason, seen=0)

    assert answer.status_code == 400
    assert "Nothing was done." in answer.content.decode()
    assert not RetrainRun.objects.exists()


@pytest.mark.parametrize("action", PERMISSIONS)
@pytest.mark.parametrize("granted", PERMISSIONS)
def test_action_needs_its_own_permission(client: Client, rotation: Rotation, action: str, granted: str) -> None:
    user = make_user(is_staff=True)
    codenames = ["view_rotation", PERMISSIONS[granted]]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)

    room = client.get(reverse("campaigns")).content.decode()
    shown = client.get(address(action))
    done = client.post(address(action), {"reason": WHY, "seen": 0})

    is_allowed = action == granted
    assert shown.status_code == (200 if is_allowed else 403)
    assert (done.status_code == 403) is not is_allowed
    assert RetrainRun.objects.exists() is (is_allowed and action == "retrain")
    assert (f'href="{address("retrain")}"' in room) is (granted == "retrain")


@pytest.mark.parametrize("action", PERMISSIONS)
def test_action_is_for_staff_who_may_see_rotations(client: Client, rotation: Rotation, action: str) -> None:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=PERMISSIONS[action]))
    client.force_login(user)

    answer = client.post(address(action), {"reason": WHY, "seen": 0})

    assert answer.status_code == 403


def test_action_refuses_a_forged_form(rotation: Rotation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_staff=True, is_superuser=True))

    answer = client.post(address("retrain"), {"reason": WHY, "seen": 0})

    assert answer.status_code == 403
    assert not RetrainRun.objects.exists()


def test_unknown_action_is_not_found(rotation: Rotation, admin_client: Client) -> None:
    assert admin_client.get(address("explode")).status_code == 404
