import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment, Flag, Phase, RampChange
from tests.experiments.conftest import FLAG, KEY, VARIATIONS

RAMPER = ("view_experiment", "change_experiment", "ramp_experiment", "view_variation", "view_phase")
SignIn = Callable[..., Client]


pytestmark = pytest.mark.urls("tests.experiments.urls")


@pytest.fixture(autouse=True)
def any_project(settings: Settings) -> None:
    """A project with nothing but Django's own parts, as the app may be lifted into any."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("django.")]
    (templates,) = settings.TEMPLATES
    processors = [name for name in templates["OPTIONS"]["context_processors"] if name.startswith("django.")]
    settings.TEMPLATES = [{**templates, "DIRS": [], "OPTIONS": {"context_processors": processors}}]


def page(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_change", args=[experiment.pk])


def ramp_page(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_ramp", args=[experiment.pk])


def read(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return re.sub(r"\s+", " ", response.content.decode())


def test_page_shows_state_bar_steps_and_record(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    html = read(client.get(page(running)))

    assert "Old homepage 30%, Recommended For You 30%, Exempt 40%" in html
    for seen, coverage in (("1%", "2%"), ("2.5%", "5%"), ("7.5%", "15%"), ("15%", "30%"), ("30%", "60%")):
        assert f"<strong>{seen}</strong><small>{coverage} in the test</small>" in html
    assert 'aria-current="step"' in html
    assert "Off for everyone" in html
    assert "On for everyone" in html
    assert "first look" in html


def test_page_needs_no_inline_style_or_script(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    for response in (client.get(page(running)), client.get(ramp_page(running), {"action": "on"})):
        html = read(response)

        assert " style=" not in html
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*src=)", html)
        assert not re.search(r" on[a-z]+=\"", html)


def test_page_numbers_survive_a_thousand_separator(running: Experiment, sign_in: SignIn, settings: Settings) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    client = sign_in(*RAMPER)

    html = read(client.get(page(running)))

    assert 'x="3000"' in html
    assert 'width="3000"' in html
    assert "coverage_bp=6000" in html


def test_page_without_permission_only_looks(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    html = read(client.get(page(running)))

    assert "You may look at this experiment" in html
    assert "Kill switch" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_ramp_needs_its_own_permission(running: Experiment, sign_in: SignIn, method: str) -> None:
    client = sign_in("view_experiment", "change_experiment")

    response = getattr(client, method)(ramp_page(running), {"action": "off", "reason": "x"})

    assert response.status_code == 403
    assert RampChange.objects.count() == 1


def test_ramp_sends_strangers_to_sign_in(running: Experiment, client: Client) -> None:
    response = client.post(ramp_page(running), {"action": "off", "reason": "x"})

    assert response.status_code == 302
    assert "/login/" in response["Location"]
    assert RampChange.objects.count() == 1


def test_ramp_needs_the_csrf_token(running: Experiment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.create_superuser("root"))

    response = client.post(ramp_page(running), {"action": "off", "reason": "x"})

    assert response.status_code == 403
    assert RampChange.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        {"action": "off", "reason": "x"},
        {"action": "on", "reason": "x"},
        {"action": "stop", "reason": "x"},
        {"action": "share", "coverage_bp": "200", "reason": "x"},
        {"action": "share", "seen": "12.5"},
    ],
)
def test_ramp_by_get_asks_and_never_writes(running: Experiment, sign_in: SignIn, query: dict[str, str]) -> None:
    client = sign_in(*RAMPER)

    response = client.get(ramp_page(running), query)

    assert response.status_code == 200
    assert "Why?" in read(response)
    assert RampChange.objects.count() == 1
    assert Flag.objects.get(name=FLAG).everyone is None


def test_ramp_changes_the_share_with_a_reason(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    response = client.post(
        ramp_page(running), {"action": "share", "coverage_bp": "500", "reason": "slower"}, follow=True
    )

    change = RampChange.objects.first()
    assert change is not None
    assert (change.actor, change.reason, change.new_coverage_bp) == ("ann", "slower", 500)
    assert "2.5% see it (5% included). Everywhere within 5 seconds." in read(response)
    assert "slower" in LogEntry.objects.get().get_change_message()


def test_ramp_takes_a_custom_share_through_its_question(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    question = read(client.get(ramp_page(running), {"action": "share", "seen": "12.5"}))
    client.post(ramp_page(running), {"action": "share", "coverage_bp": "2500", "reason": "x"})

    assert "Show it to 12.5%" in question
    assert 'name="coverage_bp" value="2500"' in question
    assert Phase.objects.get().coverage_bp == 2500


@pytest.mark.parametrize("seen", ["51", "much", "-1", ""])
def test_ramp_names_the_fault_of_a_custom_share(running: Experiment, sign_in: SignIn, seen: str) -> None:
    client = sign_in(*RAMPER)

    response = client.get(ramp_page(running), {"action": "share", "seen": seen}, follow=True)

    assert response.redirect_chain
    assert "Give" in read(response)


@pytest.mark.parametrize("reason", ["", "   "])
def test_ramp_refuses_a_missing_reason(running: Experiment, sign_in: SignIn, reason: str) -> None:
    client = sign_in(*RAMPER)

    response = client.post(ramp_page(running), {"action": "off", "reason": reason})

    assert response.status_code == 400
    assert "Say why, in a few words." in read(response)
    assert RampChange.objects.count() == 1


def test_kill_switch_is_one_form_on_the_page(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    response = client.post(ramp_page(running), {"action": "off", "reason": "errors"}, follow=True)

    assert Flag.objects.get(name=FLAG).everyone is False
    html = read(response)
    assert "Off for everyone" in html
    assert "Reopen at 30%" in html


def test_reopen_and_stop_and_ship(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    for action in ("off", "reopen", "stop", "on"):
        client.post(ramp_page(running), {"action": action, "reason": action})

    actions = list(RampChange.objects.values_list("action", flat=True))
    assert actions == ["ship", "stop", "complete", "reopen", "roll_back", "start"]


def test_double_click_makes_one_change(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    newest = RampChange.objects.get()
    form = {"action": "share", "coverage_bp": "500", "reason": "slower", "seen_change_id": str(newest.pk)}

    client.post(ramp_page(running), form)
    again = client.post(ramp_page(running), form, follow=True)

    assert RampChange.objects.count() == 2
    assert "it is already so" in read(again)


def test_stale_page_cannot_undo_a_kill_switch(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    newest = RampChange.objects.get()
    ramp.roll_back(KEY, actor="bob", reason="errors")

    for action in ({"action": "share", "coverage_bp": "500"}, {"action": "on"}):
        response = client.post(ramp_page(running), {**action, "reason": "x", "seen_change_id": str(newest.pk)})

        assert response.status_code == 409
        assert "bob changed it meanwhile" in read(response)
    assert Flag.objects.get(name=FLAG).everyone is False


def test_ship_of_several_asks_which(db: None, sign_in: SignIn) -> None:
    third = VariationDefinition("other", "Other idea", {})
    experiment = ensure_experiment(key=KEY, name="Three", flag_name=FLAG, variations=(*VARIATIONS, third))
    client = sign_in(*RAMPER)

    question = read(client.get(ramp_page(experiment), {"action": "on"}))
    client.post(ramp_page(experiment), {"action": "on", "variation": "other", "reason": "x"})

    assert "Other idea</option>" in question
    experiment.refresh_from_db()
    assert experiment.shipped == experiment.variations.get(key="other")


def test_phases_and_variations_are_not_edited_by_form(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER, "change_phase", "change_variation", "add_phase", "delete_phase")

    html = read(client.get(page(running)))

    assert 'name="phases-0-coverage_bp"' not in html
    assert 'name="variations-0-payload"' not in html
    assert 'name="name"' in html


def test_list_says_who_sees_it(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    html = read(client.get(reverse("admin:experiments_experiment_changelist")))

    assert "30% see it, 60% included" in html


def test_record_is_read_only(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_rampchange", "change_rampchange", "delete_rampchange")
    change = RampChange.objects.get()

    listed = client.get(reverse("admin:experiments_rampchange_changelist"))
    deleted = client.post(reverse("admin:experiments_rampchange_delete", args=[change.pk]), {"post": "yes"})

    assert "first look" in read(listed)
    assert deleted.status_code == 403


def test_flag_form_offers_nothing_that_misleads(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_flag", "change_flag")
    flag = Flag.objects.get(name=FLAG)

    html = read(client.get(reverse("admin:experiments_flag_change", args=[flag.pk])))

    for field in ("percent", "testing", "rollout", "superusers", "languages", "everyone"):
        assert f'name="{field}"' not in html
    for field in ("staff", "authenticated", "users", "groups"):
        assert f'name="{field}"' in html


def test_flag_without_experiment_is_switched_on_its_own_page(db: None, sign_in: SignIn) -> None:
    flag = Flag.objects.create(name="plain")
    client = sign_in("view_flag", "change_flag")

    client.post(
        reverse("admin:experiments_flag_change", args=[flag.pk]), {"name": "plain", "everyone": "false", "note": ""}
    )

    flag.refresh_from_db()
    assert flag.everyone is False
