from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.hooks import PayloadKind
from experiments.models import Experiment, Flag, Layer, Status, Variation
from tests.experiments.admin.conftest import EDITOR, read
from tests.experiments.conftest import KEY

SignIn = Callable[..., Client]
ADD = "admin:experiments_experiment_add"

pytestmark = [pytest.mark.urls("tests.experiments.urls"), pytest.mark.django_db]

VARIATION_FORMS = {
    "variations-TOTAL_FORMS": "3",
    "variations-INITIAL_FORMS": "0",
    "variations-0-key": "control",
    "variations-0-name": "Old homepage",
    "variations-0-is_control": "on",
    "variations-0-payload": '{"rule": "trending"}',
    "variations-1-key": "treatment",
    "variations-1-name": "New homepage",
    "variations-1-payload": '{"rotation": "home"}',
}
PLAN = {
    "research_note": "Earlier tests found 5%.",
    "change": "The second row is personal.",
    "primary_metric": "homepage_ctr",
    "expected_effect": "5",
    "alpha": "0.05",
    "power": "0.8",
    "mde": "2.5",
    "planned_end_at": "2100-01-31T10:00",
    "guardrails-0-metric": "orders_per_shopper",
    "guardrails-0-margin": "2",
    "limit_errors": "3",
    "steps-0-seen": "1",
    "steps-0-hours": "24",
    "steps-1-seen": "30",
    "steps-1-hours": "0.5",
    "steps-1-min_units": "500",
    "steps-1-needs_approval": "on",
    "allocation": "fixed",
}
EDIT = {"key": KEY, "name": "Renamed", "design": "ab", "_save": "Save", **PLAN}
DRAFT = {**EDIT, "key": "new-row", "name": "A new row", **VARIATION_FORMS}


def change_url(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_change", args=[experiment.pk])


def variation_rows(experiment: Experiment) -> dict[str, str]:
    """The inline forms of what is stored."""
    fields = {"variations-TOTAL_FORMS": "2", "variations-INITIAL_FORMS": "2"}
    for place, row in enumerate(experiment.variations.all()):
        fields |= {f"variations-{place}-id": str(row.pk), f"variations-{place}-experiment": str(experiment.pk)}
        fields |= {f"variations-{place}-key": row.key, f"variations-{place}-name": row.name}
        fields |= {f"variations-{place}-payload": "{}"} | (
            {f"variations-{place}-is_control": "on"} if row.is_control else {}
        )
    fields |= {"phases-TOTAL_FORMS": "0", "phases-INITIAL_FORMS": "0"}
    return fields


def test_draft_is_made_whole_in_the_admin(sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)

    response = client.post(reverse(ADD), DRAFT, follow=True)

    made = Experiment.objects.get()
    assert "A new row is a draft" in read(response)
    assert (made.status, made.flag.name, made.mde, made.expected_effect) == (Status.DRAFT, "new_row", 0.025, 0.05)
    assert made.guardrails == [{"metric": "orders_per_shopper", "margin": 0.02}]
    assert made.row_limits == {"error_share": 0.03}
    assert made.steps == [
        {"seen_bp": 100, "hours": 24, "min_units": None, "needs_approval": False},
        {"seen_bp": 3000, "hours": 0.5, "min_units": 500, "needs_approval": True},
    ]
    assert [(row.key, row.position, row.is_control) for row in made.variations.all()] == [
        ("control", 0, True),
        ("treatment", 1, False),
    ]


def test_draft_made_in_the_admin_can_be_started(sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)
    client.post(reverse(ADD), {**DRAFT, "variations-0-weight_bp": "60", "variations-1-weight_bp": "40"})

    change = ramp.start("new-row", actor="ann", reason="canary")

    assert change is not None
    assert change.phase is not None
    assert change.phase.read_weights() == (("control", 6000), ("treatment", 4000))
    assert change.phase.coverage_bp == 250


def test_draft_shows_again_what_was_typed(sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)
    client.post(reverse(ADD), DRAFT)

    html = read(client.get(change_url(Experiment.objects.get())))

    for typed in ('name="mde" value="2.5"', 'name="guardrails-0-margin" value="2"', 'name="steps-1-seen" value="30"'):
        assert typed in html
    assert 'value="2100-01-31T10:00"' in html
    assert '<option value="orders_per_shopper" selected>' in html


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mde": "much"}, "&#x27;much&#x27; is not a percentage. Give a number"),
        ({"mde": "-3"}, "is out of range. Give 0.01 to 1000."),
        ({"planned_end_at": "2001-01-01T00:00"}, "Planned end is over already. Give a time to come."),
        ({"guardrails-0-margin": ""}, "Guardrail 1: Margin is missing. Give the largest loss"),
        ({"guardrails-0-metric": ""}, "Guardrail 1: Metric is missing. Choose one"),
        ({"guardrails-1-metric": "orders_per_shopper", "guardrails-1-margin": "3"}, "stands here twice. Keep one row"),
        ({"guardrails-0-metric": "homepage_ctr"}, "The primary metric is tested already. Guard another one."),
        ({"steps-1-seen": "1"}, "Let each step show it to more."),
        ({"steps-0-hours": "soon"}, "Step 1: Hours is &#x27;soon&#x27;. Give a number"),
        ({"steps-1-min_units": "1.5"}, "Step 2: Shoppers a variation is &#x27;1.5&#x27;. Give a whole number"),
        ({"steps-0-seen": "120"}, "Step 1: Share that sees it"),
        ({"secondary_metrics": ["homepage_ctr"]}, "The primary metric decides already. Untick it here."),
        ({"layer_start": "0", "layer_stop": "5000"}, "Buckets belong to a layer. Choose one"),
        ({"flag_name": "not a flag"}, "is no flag&#x27;s name. Use letters"),
        ({"variations-1-payload": "{rule: 1}"}, "Not JSON at line 1, character 2"),
        ({"variations-1-payload": "[1]"}, "Not an object. Write it in braces"),
        ({"variations-1-is_control": "on"}, "2 variations are control. Tick exactly one"),
        ({"variations-0-is_control": ""}, "0 variations are control. Tick exactly one"),
        ({"variations-0-weight_bp": "60"}, "Some weights are empty. Give all of them"),
        (
            {"variations-0-weight_bp": "60", "variations-1-weight_bp": "60"},
            "The weights add up to 120%. Make them 100%.",
        ),
        ({"variations-0-weight_bp": "100", "variations-1-weight_bp": "0"}, "A weight is 0: nobody would get that"),
        ({"variations-1-key": "", "variations-1-name": "", "variations-1-payload": ""}, "There are 1 variations. Give"),
    ],
)
def test_draft_names_the_field_at_fault_and_the_fix(sign_in: SignIn, wrong: Mapping[str, Any], told: str) -> None:
    client = sign_in(*EDITOR)

    response = client.post(reverse(ADD), {**DRAFT, **wrong})

    assert told in read(response)
    assert not Experiment.objects.exists()
    assert not Flag.objects.exists()


def test_flag_of_another_experiment_is_refused(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)

    response = client.post(reverse(ADD), {**DRAFT, "flag_name": experiment.flag.name})

    assert "stands before &#x27;Recommended For You&#x27;. Give this experiment one of its own." in read(response)


def test_payloads_are_checked_and_explained_by_the_project(sign_in: SignIn, settings: Settings) -> None:
    settings.EXPERIMENT_PAYLOADS = SimpleNamespace(
        list_kinds=lambda: [PayloadKind("A rule", "The same list for everybody.", '{"rule": "trending"}')],
        find_faults=lambda payload, _: [] if "rule" in payload else ["rule is missing: give one."],
    )
    client = sign_in(*EDITOR)

    empty = read(client.get(reverse(ADD)))
    refused = read(client.post(reverse(ADD), DRAFT))

    assert "The same list for everybody." in empty
    assert "rule is missing: give one." in refused
    assert not Experiment.objects.exists()


def test_draft_offers_rules_on_fixed_attributes_alone(sign_in: SignIn, settings: Settings) -> None:
    settings.EXPERIMENT_ATTRIBUTES = {"device": ("phone", "desktop"), "history": ("new", "returning")}
    settings.EXPERIMENT_ELIGIBILITY = ("device",)
    client = sign_in(*EDITOR)

    offered = read(client.get(reverse(ADD)))
    refused = read(client.post(reverse(ADD), {**DRAFT, "eligibility": ["history=new"]}))

    assert 'value="device=phone"' in offered
    assert "history=" not in offered
    assert "Select a valid choice. history=new is not one of the available choices." in refused
    assert not Experiment.objects.exists()


def test_control_moves_from_one_variation_to_another(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)
    rows = variation_rows(experiment)
    rows = {name: value for name, value in rows.items() if name != "variations-0-is_control"}

    client.post(change_url(experiment), {**EDIT, **rows, "variations-1-is_control": "on"})

    assert list(experiment.variations.values_list("key", "is_control")) == [("control", False), ("treatment", True)]


def test_running_experiment_shows_its_plan_and_why_it_is_frozen(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)

    html = read(client.get(change_url(running)))
    client.post(change_url(running), {**EDIT, **variation_rows(running)})

    assert "fixed when it started" in html
    for name in ("mde", "guardrails-0-metric", "steps-0-seen", "variations-0-payload", "phases-0-coverage_bp"):
        assert f'name="{name}"' not in html
    assert "not worse by more than 2%" in html
    running.refresh_from_db()
    assert (running.name, running.mde, running.flag.name) == ("Renamed", 0.03, "recommended_for_you")
    assert list(Flag.objects.values_list("name", flat=True)) == ["recommended_for_you"]


def test_second_phase_keeps_variations_that_were_seen(running: Experiment, sign_in: SignIn) -> None:
    ramp.stop(KEY, actor="ann", reason="other weights")
    client = sign_in(*EDITOR)
    rows = variation_rows(running)

    html = read(client.get(change_url(running)))
    refused = client.post(change_url(running), {**EDIT, **rows, "variations-1-key": "other"})
    saved = client.post(
        change_url(running),
        {**EDIT, **rows, "variations-0-weight_bp": "80", "variations-1-weight_bp": "20"},
    )

    assert 'name="key"' not in html
    assert "Shoppers have seen these variations in an earlier phase" in read(refused)
    assert saved.status_code == 302
    assert list(Variation.objects.values_list("key", "weight_bp")) == [("control", 8000), ("treatment", 2000)]


def test_viewer_sees_the_plan_and_changes_nothing(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    html = read(client.get(change_url(experiment)))
    response = client.post(change_url(experiment), {**EDIT, **variation_rows(experiment)})

    assert 'name="mde"' not in html
    assert "Old homepage" in html
    assert response.status_code == 403


def test_only_a_draft_that_nobody_saw_is_deleted(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*EDITOR, "delete_variation")
    url = reverse("admin:experiments_experiment_delete", args=[experiment.pk])
    ramp.start(KEY, actor="ann", reason="canary")

    running = client.post(url, {"post": "yes"})
    ramp.stop(KEY, actor="ann", reason="enough")
    seen = client.post(url, {"post": "yes"})

    assert (running.status_code, seen.status_code) == (403, 403)
    assert Experiment.objects.exists()


def test_list_shows_status_share_and_days_left(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*EDITOR)

    html = read(client.get(reverse("admin:experiments_experiment_changelist")))

    for told in ("30% see it, 60% in the test", "Running", "28 days"):
        assert told in html


def test_page_needs_no_inline_style_or_script(experiment: Experiment, sign_in: SignIn) -> None:
    Layer.objects.create(key="homepage", name="Homepage")
    client = sign_in(*EDITOR)

    for url in (reverse(ADD), change_url(experiment)):
        html = read(client.get(url))

        assert " style=" not in html
        assert "<style" not in html
