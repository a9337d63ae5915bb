"""The campaign room shows what is live, what is built and what happened, in a bounded number of queries."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from recommendations import conf
from recommendations.adapters.embedded.training import train_next
from recommendations.models import Deployment, RetrainRun, Rotation
from recommendations.models.resources import SolutionVersion
from recommendations.pipeline.control import abandon_run, request_retrain, roll_back
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import ensure_default_rotation
from recommendations.pipeline.states import STEPS, RetrainStatus
from tests.factories.accounts import make_user
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

# Session and user, both sides and their builders, runs with what was asked, swaps, until when a roll back is possible.
ROOM_QUERIES = 14
RUN_QUERIES = 12


@pytest.fixture
def swapped() -> RetrainRun:
    """Blue is live, Maize is kept."""
    make_past()
    retrain()
    return retrain()


def read_room(client: Client, key: str = "") -> str:
    address = reverse("campaign", args=[key]) if key else reverse("campaigns")
    return client.get(address).content.decode()


def read_run(client: Client, run: RetrainRun) -> str:
    return client.get(reverse("campaign-run", args=[run.rotation_id, run.pk])).content.decode()


def test_room_without_a_rotation_says_how_to_begin(admin_client: Client) -> None:
    page = read_room(admin_client)

    assert "No rotation yet" in page
    assert "manage.py retrain" in page


def test_room_of_a_rotation_never_trained_offers_the_first_retrain(admin_client: Client) -> None:
    ensure_default_rotation()

    page = read_room(admin_client)

    assert "Never trained" in page
    assert reverse("campaign-action", args=["home", "retrain"]) in page
    assert "Nothing is live yet." in page


def test_room_marks_the_live_side_and_says_of_what_it_is_made(swapped: RetrainRun, admin_client: Client) -> None:
    page = read_room(admin_client)

    assert "cr-blue is-live" in page
    assert "cr-maize is-kept" in page
    assert swapped.resource_name in page
    assert "1,200" in page
    assert "NDCG@25, held-out users" in page
    assert "NDCG@25, next basket" in page
    assert "(before)" in page
    assert "until the next retrain starts" in page
    assert "NDCG@25 by kind of shopper, held-out users" in page
    assert "share of all slots that the 20 most popular items take" in page
    assert "hrnn takes no part: it trains for minutes" in page
    assert "1,200 events of 60 shoppers on 32 items" in page


def test_room_shows_who_was_live_when(swapped: RetrainRun, admin_client: Client) -> None:
    roll_back("home", actor="ann", reason="it shows the wrong shoes")

    page = read_room(admin_client)

    assert page.count('cr-fill-maize" x=') == 2
    assert "rolled back" in page
    assert "it shows the wrong shoes" in page
    assert "cr-maize is-live" in page


def test_room_follows_a_run_step_by_step(admin_client: Client) -> None:
    make_past()
    request_retrain(ensure_default_rotation().key, actor="ann", reason="new shoes came in")
    run = advance_to(RetrainStatus.TRAIN)
    with hold_run(run) as held:
        advance(held)
    SolutionVersion.objects.update(status="CREATE IN_PROGRESS", progress=0.42, note="item neighbours")

    page = read_room(admin_client)

    assert f"Run {run.pk} rebuilds Maize" in page
    assert "Begun by ann: new shoes came in" in page
    assert page.count('class="cr-step is-done"') == 3
    assert 'class="cr-step is-waiting" aria-current="step"' in page
    assert "42%, item neighbours" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "campaigns.js" in page
    assert f"Run {run.pk} is under way." in page


def test_room_at_rest_refreshes_nothing(swapped: RetrainRun, admin_client: Client) -> None:
    page = read_room(admin_client)

    assert "http-equiv" not in page
    assert "campaigns.js" not in page


def test_room_tells_why_the_last_run_failed_and_what_to_do(admin_client: Client) -> None:
    run = advance_to(RetrainStatus.FAILED)

    page = unescape(read_room(admin_client))

    assert f"Run {run.pk} failed at export" in page
    assert run.failure_reason in page
    assert run.failure_fix in page


def test_room_offers_to_waive_the_one_gate_that_failed(swapped: RetrainRun, admin_client: Client) -> None:
    Rotation.objects.update(gates={"min_overlap_share": 0.0, "max_overlap_share": 0.0})
    run = advance_to(RetrainStatus.FAILED)

    room, page = read_room(admin_client), read_run(admin_client, run)

    assert f"{reverse('campaign-action', args=['home', 'retrain'])}?waive=overlap" in room
    assert f"left by run {run.pk}, which failed" in room
    assert page.count('cr-chip-bad">failed</span>') == 1
    assert "0% to 0%" in page


def test_room_warns_of_an_old_model(swapped: RetrainRun, admin_client: Client) -> None:
    Deployment.objects.filter(colour="blue").update(trained_at=conf.now() - timedelta(hours=37))

    page = read_room(admin_client)

    assert "1 d 13 h" in page
    assert "older than 36 h" in page


def test_room_leads_to_every_rotation(swapped: RetrainRun, admin_client: Client) -> None:
    Rotation.objects.create(key="basket", slot="basket-also-bought")

    live, other = read_room(admin_client), read_room(admin_client, "basket")

    assert "cr-blue is-live" in live
    assert reverse("campaign", args=["basket"]) in live
    assert "Never trained" in other
    assert admin_client.get(reverse("campaign", args=["nothing"])).status_code == 404


def test_room_asks_a_bounded_number_of_questions(
    swapped: RetrainRun, admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        roll_back("home", actor="ann", reason="to and fro")
    read_room(admin_client)

    with django_assert_num_queries(ROOM_QUERIES):
        read_room(admin_client)


def test_run_shows_data_metrics_steps_and_record(
    swapped: RetrainRun, admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    read_run(admin_client, swapped)

    with django_assert_num_queries(RUN_QUERIES):
        page = read_run(admin_client, swapped)

    assert page.count('class="cr-step is-done"') == len(STEPS)
    assert "20 shoppers got 12 items each" in page
    assert "Where the rows went" in page
    assert "Most wanted items" in page
    assert "(before)" in page
    assert "Maize → Blue" in page
    assert "weights, chosen on held-out shoppers" in page


def test_run_that_was_abandoned_says_where_and_by_whom(admin_client: Client) -> None:
    make_past()
    run = advance_to(RetrainStatus.TRAIN)
    abandon_run(run, actor="ann", reason="the feed was broken")
    assert train_next() is None

    page = read_run(admin_client, run)

    assert "abandoned here" in page
    assert "the feed was broken" in page
    assert "not reached" in page


def test_run_of_another_rotation_is_not_found(swapped: RetrainRun, admin_client: Client) -> None:
    Rotation.objects.create(key="basket", slot="basket-also-bought")

    answer = admin_client.get(reverse("campaign-run", args=["basket", swapped.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("is_staff", "codename", "status"), [(False, "", 302), (True, "", 403), (True, "view_rotation", 200)]
)
def test_room_is_for_staff_who_may_see_rotations(client: Client, is_staff: bool, codename: str, status: int) -> None:
    user = make_user(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename=codename))
    client.force_login(user)

    answer = client.get(reverse("campaigns"))

    assert answer.status_code == status


def test_room_is_linked_from_the_index_and_the_list_of_rotations(admin_client: Client) -> None:
    ensure_default_rotation()

    index = admin_client.get(reverse("admin:index")).content.decode()
    rotations = admin_client.get(reverse("admin:recommendations_rotation_changelist")).content.decode()

    assert index.index(reverse("campaigns")) < index.index(reverse("inspector"))
    assert reverse("campaign", args=["home"]) in rotations
