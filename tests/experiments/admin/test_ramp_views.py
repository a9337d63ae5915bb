import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment, Flag, Phase, RampChange, Status
from tests.experiments.admin.conftest import RAMPER, read
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

SignIn = Callable[..., Client]


pytestmark = pytest.mark.urls("tests.experiments.urls")


def page(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_ramp", args=[experiment.pk])


def action(experiment: Experiment, name: str) -> str:
    return reverse("admin:experiments_experiment_ramp_change", args=[experiment.pk, name])


def newest_id(experiment: Experiment) -> str:
    newest = experiment.ramp_changes.first()
    return str(newest.pk if newest is not None else 0)


def do(client: Client, experiment: Experiment, name: str, **fields: str) -> HttpResponseBase:
    form = {"reason": "x", "seen_change_id": newest_id(experiment), **fields}
    return client.post(action(experiment, name), form, follow=True)


def test_page_shows_state_bar_steps_and_record(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    html = read(client.get(page(running)))

    assert "Old homepage 30%, Recommended For You 30%, Exempt 40%" in html
    for seen, coverage in (("1%", "2%"), ("2.5%", "5%"), ("7.5%", "15%"), ("15%", "30%"), ("30%", "60%")):
        assert f"<strong>{seen}</strong><small>{coverage} in the test</small>" in html
    assert 'aria-current="step"' in html
    assert "Kill switch" in html
    assert "first look" in html


def test_page_says_what_the_next_step_waits_for(experiment: Experiment, sign_in: SignIn) -> None:
    plan_experiment(
        experiment,
        steps=[
            {"seen_bp": 100, "hours": 12, "min_units": 300, "needs_approval": False},
            {"seen_bp": 500, "hours": 12, "min_units": None, "needs_approval": True},
        ],
    )
    ramp.start(KEY, actor="ann", reason="canary")
    client = sign_in(*RAMPER)

    waiting = read(client.get(page(experiment)))
    do(client, experiment, "approve")
    approved = read(client.get(page(experiment)))

    assert "of 12 hours are left" in waiting
    assert "0 of 300 shoppers in the smallest variation" in waiting
    assert "Somebody has to approve the next step." in waiting
    assert "Approve the next step" in waiting
    assert "Given." in approved
    assert "Approve the next step" not in approved.split("Record of changes")[0]


def test_page_of_a_draft_lists_what_is_missing_before_a_start(experiment: Experiment, sign_in: SignIn) -> None:
    plan_experiment(experiment, mde=None, guardrails=[])
    client = sign_in(*RAMPER)

    html = read(client.get(page(experiment)))
    refused = do(client, experiment, "start")

    for told in (html, read(refused)):
        assert "#id_mde" in told
        assert "Guardrails are missing: name at least one metric" in told
    assert refused.status_code == 409
    experiment.refresh_from_db()
    assert experiment.status == Status.DRAFT


def test_page_without_variations_asks_for_them(db: None, sign_in: SignIn) -> None:
    experiment = Experiment.objects.create(key="bare", name="Bare", flag=Flag.objects.create(name="bare"))
    client = sign_in(*RAMPER)

    html = read(client.get(page(experiment)))

    assert "nothing to compare yet" in html
    assert client.get(action(experiment, "start")).status_code == 404


def test_page_needs_no_inline_style_or_script(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    for response in (client.get(page(running)), client.get(action(running, "hold"))):
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
    assert "coverage_bp=3000" in html


def test_page_without_permission_only_looks(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    html = read(client.get(page(running)))

    assert "You may look at this experiment" in html
    assert "Kill switch" not in html
    assert "coverage_bp=" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_ramp_needs_its_own_permission(running: Experiment, sign_in: SignIn, method: str) -> None:
    client = sign_in("view_experiment", "change_experiment")

    response = getattr(client, method)(action(running, "off"), {"reason": "x", "seen_change_id": "0"})

    assert response.status_code == 403
    assert RampChange.objects.count() == 1


def test_ramp_sends_strangers_to_sign_in(running: Experiment, client: Client) -> None:
    response = client.post(action(running, "off"), {"reason": "x", "seen_change_id": "0"})

    assert response.status_code == 302
    assert "/login/" in response["Location"]
    assert RampChange.objects.count() == 1


def test_ramp_needs_the_csrf_token(running: Experiment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.create_superuser("root"))

    response = client.post(action(running, "off"), {"reason": "x", "seen_change_id": "0"})

    assert response.status_code == 403
    assert RampChange.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("off", {"reason": "x"}),
        ("hold", {"reason": "x"}),
        ("complete", {"reason": "x"}),
        ("stop", {"reason": "x"}),
        ("share", {"coverage_bp": "200", "reason": "x"}),
        ("share", {"seen": "12.5"}),
    ],
)
def test_ramp_by_get_asks_and_never_writes(
    running: Experiment, sign_in: SignIn, name: str, query: dict[str, str]
) -> None:
    client = sign_in(*RAMPER)

    response = client.get(action(running, name), query)

    assert response.status_code == 200
    assert "Why?" in read(response)
    assert RampChange.objects.count() == 1
    assert Flag.objects.get(name=FLAG).everyone is None


def test_ramp_changes_the_share_with_a_reason(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    response = do(client, running, "share", coverage_bp="500", reason="slower")

    change = RampChange.objects.first()
    assert change is not None
    assert (change.actor, change.reason, change.new_coverage_bp) == ("ann", "slower", 500)
    assert "2.5% see it (5% in the test). Everywhere within 5 seconds." in read(response)
    assert "slower" in LogEntry.objects.get().get_change_message()


def test_ramp_takes_a_custom_share_through_its_question(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    question = read(client.get(action(running, "share"), {"seen": "12.5"}))
    do(client, running, "share", coverage_bp="2500")

    assert "Show it to 12.5%" in question
    assert 'name="coverage_bp" value="2500"' in question
    assert Phase.objects.get().coverage_bp == 2500


def test_share_that_was_lowered_asks_for_an_approval_before_it_rises(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    do(client, running, "share", coverage_bp="500", reason="slower")

    lowered = read(client.get(page(running)))
    do(client, running, "approve")
    approved = read(client.get(page(running)))

    assert "The share was lowered by hand: it does not rise by itself." in lowered
    assert "Approve the next step" in lowered
    assert "Given." in approved


def test_share_of_nobody_is_refused_before_the_question(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    response = client.get(action(running, "share"), {"seen": "0"}, follow=True)

    assert response.redirect_chain
    assert "roll it back instead" in read(response)


@pytest.mark.parametrize("seen", ["51", "much", "-1", ""])
def test_ramp_names_the_fault_of_a_custom_share(running: Experiment, sign_in: SignIn, seen: str) -> None:
    client = sign_in(*RAMPER)

    response = client.get(action(running, "share"), {"seen": seen}, follow=True)

    assert response.redirect_chain
    assert "Give" in read(response)


@pytest.mark.parametrize("reason", ["", "   "])
def test_ramp_refuses_a_missing_reason(running: Experiment, sign_in: SignIn, reason: str) -> None:
    client = sign_in(*RAMPER)

    response = client.post(action(running, "hold"), {"reason": reason, "seen_change_id": newest_id(running)})

    assert response.status_code == 400
    assert "Say why, in a few words." in read(response)
    assert RampChange.objects.count() == 1


def test_kill_switch_is_one_form_on_the_page(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    response = do(client, running, "off", reason="errors")

    assert Flag.objects.get(name=FLAG).everyone is False
    html = read(response)
    assert "<strong>0%</strong> of shoppers see it" in html
    assert "can be reopened at 1%" in html


def test_a_whole_life_is_led_on_the_page(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    statuses = []
    for name in ("start", "hold", "resume", "off", "reopen", "complete", "ship", "off", "stop"):
        assert f"/ramp/{name}/" in read(client.get(page(experiment)))
        do(client, experiment, name, reason=name)
        experiment.refresh_from_db()
        statuses.append(experiment.status)

    assert statuses == [
        "running",
        "held",
        "running",
        "rolled_back",
        "running",
        "completed",
        "shipped",
        "rolled_back",
        "draft",
    ]
    assert RampChange.objects.count() == 9


def test_start_later_takes_a_time_to_come(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    late = do(client, experiment, "schedule", at="2001-01-01T10:00")
    planned = do(client, experiment, "schedule", at="2100-01-01T10:00")

    assert "That time is over. Give a later one." in read(late)
    assert "Planned end is" in read(planned)
    experiment.refresh_from_db()
    assert experiment.status == Status.DRAFT


def test_action_that_is_not_possible_now_says_so(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    asked = client.get(action(running, "resume"), follow=True)
    done = do(client, running, "ship")

    assert "Resume is not possible now: it is running." in read(asked)
    assert done.status_code == 409
    assert "complete it first" in read(done)
    assert RampChange.objects.count() == 1


def test_double_click_makes_one_change(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    newest = RampChange.objects.get()
    form = {"coverage_bp": "500", "reason": "slower", "seen_change_id": str(newest.pk)}

    client.post(action(running, "share"), form)
    again = client.post(action(running, "share"), form, follow=True)

    assert RampChange.objects.count() == 2
    assert "it is already so" in read(again)


def test_stale_page_cannot_undo_a_kill_switch(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    newest = RampChange.objects.get()
    ramp.roll_back(KEY, actor="bob", reason="errors")

    response = client.post(action(running, "reopen"), {"reason": "x", "seen_change_id": str(newest.pk)})

    assert response.status_code == 409
    assert "bob changed it meanwhile" in read(response)
    assert Flag.objects.get(name=FLAG).everyone is False


def test_stale_page_can_still_pull_the_kill_switch(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)
    newest = RampChange.objects.get()
    ramp.set_coverage(KEY, coverage_bp=200, actor="bob", reason="slower")

    client.post(action(running, "off"), {"reason": "errors", "seen_change_id": str(newest.pk)})

    assert Flag.objects.get(name=FLAG).everyone is False


def test_ship_of_several_asks_which(db: None, sign_in: SignIn) -> None:
    third = VariationDefinition("other", "Other idea", {})
    experiment = ensure_experiment(key=KEY, name="Three", flag_name=FLAG, variations=(*VARIATIONS, third))
    client = sign_in(*RAMPER)

    question = read(client.get(action(experiment, "ship")))
    do(client, experiment, "ship", variation="other")

    assert "Other idea</option>" in question
    experiment.refresh_from_db()
    assert experiment.shipped == experiment.variations.get(key="other")
