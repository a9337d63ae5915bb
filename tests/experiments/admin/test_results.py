import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from experiments.conf import now
from experiments.models import Design, Experiment, Snapshot, Status
from tests.experiments.admin.conftest import read
from tests.experiments.report.test_joint import run
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Outcome, Past, live

SignIn = Callable[..., Client]
BETTER = {"control": Outcome(), "treatment": Outcome(conversion=0.0625, revenue=3.8, recommended_ctr=0.045)}
OVER = Past(days=28, per_day=1500, outcomes=BETTER)

pytestmark = pytest.mark.urls("tests.experiments.urls")


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"
    settings.EXPERIMENT_FUNNEL = {}


@pytest.fixture
def planned(experiment: Experiment) -> Experiment:
    return plan_experiment(
        experiment,
        primary_metric="conversion",
        secondary_metrics=["recommended_ctr"],
        guardrails=[{"metric": "orders", "margin": 0.1}, {"metric": "latency", "margin": 0.15}],
    )


def page(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_results", args=[experiment.pk])


def export(experiment: Experiment, form: str) -> str:
    return reverse("admin:experiments_experiment_export", args=[experiment.pk, form])


class Elements(HTMLParser):
    """Every element's attributes, to look for what a strict policy refuses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_results_tell_verdict_metrics_and_parts(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, replace(OVER, n_crossover=40))
    client = sign_in("view_experiment")

    html = read(client.get(page(planned)))

    assert '<h2 id="xr-verdict-title">Ship</h2>' in html
    assert "Conversion improves, every guardrail holds and nothing deteriorates." in html
    assert "+1.25 pp" in html
    for part in ("What decides", "Guardrails", "Explored", "Row by row", "device: phone", "Variations differ"):
        assert part in html
    assert "Shoppers exposed" in html
    assert "99% always-valid" in html
    assert "With less noise" in html
    assert "the unadjusted test above decides" in html
    assert "84,000" in html
    assert "Simulated" not in html


def test_results_say_why_those_whom_the_variations_differ_for_are_not_compared(
    planned: Experiment, sign_in: SignIn
) -> None:
    live(planned, replace(OVER, triggered={"treatment": 0.6}))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert html.count("Variations differ") == 1
    assert "so these shoppers are not compared. The split differs from the weights" in html


def test_results_use_nothing_that_a_strict_policy_refuses(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, OVER)
    client = sign_in("view_experiment")

    elements = Elements(client.get(page(planned)).content.decode()).found

    assert [tag for tag, attributes in elements if "style" in attributes or tag == "style"] == []
    assert [tag for tag, attributes in elements if any(name.startswith("on") for name in attributes)] == []
    pictures = [attributes for tag, attributes in elements if tag == "svg" and attributes.get("role") == "img"]
    assert len(pictures) == 2
    assert all(picture.get("aria-labelledby") for picture in pictures)


def test_results_ids_stand_once(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, OVER)
    client = sign_in("view_experiment")

    elements = Elements(client.get(page(planned)).content.decode()).found

    ids = [name for _, attributes in elements if (name := attributes.get("id"))]
    assert sorted(set(ids)) == sorted(ids)


def test_results_label_simulated_shoppers(planned: Experiment, sign_in: SignIn) -> None:
    live(plan_experiment(planned, is_simulated=True, primary_metric="conversion"), Past(outcomes=BETTER))

    assert "Simulated shoppers" in read(sign_in("view_experiment").get(page(planned)))


def test_results_choose_among_phases(planned: Experiment, sign_in: SignIn) -> None:
    worse = {"control": Outcome(), "treatment": Outcome(conversion=0.035)}
    live(planned, replace(OVER, outcomes=worse, is_final=True), until=now() - timedelta(days=60))
    live(planned, OVER)
    client = sign_in("view_experiment")

    newest, first = read(client.get(page(planned))), read(client.get(page(planned), {"phase": "1"}))

    assert '<a href="?phase=2" aria-current="page">2</a>' in newest
    assert '<a href="?phase=1" aria-current="page">1</a>' in first
    assert ">Ship</h2>" in newest
    assert ">Do not ship</h2>" in first
    assert "Verdict, final" in first


@pytest.mark.parametrize("phase", ["9", "x", "1.5", "-1"])
def test_results_of_an_unknown_phase_are_not_found(planned: Experiment, sign_in: SignIn, phase: str) -> None:
    live(planned, Past(days=3))

    assert sign_in("view_experiment").get(page(planned), {"phase": phase}).status_code == 404


def test_results_of_a_draft_are_a_sentence(planned: Experiment, sign_in: SignIn) -> None:
    html = read(sign_in("view_experiment").get(page(planned)))

    assert "It has not been started" in html
    assert "Hypothesis" in html


@pytest.mark.parametrize("per_day", [0, 1, 2, 60])
def test_results_of_hardly_anybody_are_sentences(planned: Experiment, sign_in: SignIn, per_day: int) -> None:
    live(planned, Past(days=1, per_day=per_day))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert "Keep running" in html
    assert 'class="xr-reason"' in html


def test_results_without_a_primary_metric_are_told(planned: Experiment, sign_in: SignIn) -> None:
    live(plan_experiment(planned, primary_metric="forgotten"), OVER)

    html = read(sign_in("view_experiment").get(page(planned)))

    assert ">Invalid</h2>" in html
    assert "It is no longer defined" in html


def test_results_of_an_ended_phase_stay(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, replace(OVER, is_final=True), until=now() - timedelta(days=400))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert "The result is frozen." in html
    assert ">Ship</h2>" in html


def test_results_of_interleaving_are_a_preference(planned: Experiment, sign_in: SignIn) -> None:
    planned.design = Design.INTERLEAVING
    planned.save()
    live(planned, replace(OVER, interleaving=(400, 600, 200)))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert ">Recommended For You preferred</h2>" in html
    assert "Old homepage 400, none 200, Recommended For You 600" in html


def test_results_of_interleaving_without_a_choice_are_told(planned: Experiment, sign_in: SignIn) -> None:
    planned.design = Design.INTERLEAVING
    planned.save()
    live(planned, Past(days=3, interleaving=(0, 0, 0)))

    assert "No unit preferred either list" in read(sign_in("view_experiment").get(page(planned)))


def test_results_of_several_variations_name_each(planned: Experiment, sign_in: SignIn) -> None:
    planned.variations.create(key="other", name="Another idea", payload={}, position=2)
    live(planned, replace(OVER, outcomes={**BETTER, "other": Outcome()}))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert html.count("Another idea") > 8
    assert "Holm p" in html


def test_results_escape_what_people_wrote(planned: Experiment, sign_in: SignIn) -> None:
    live(plan_experiment(planned, primary_metric="conversion", change="<script>alert(1)</script>"), Past(days=3))

    html = sign_in("view_experiment").get(page(planned)).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_results_ask_few_queries_whatever_the_past(
    planned: Experiment, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    live(planned, OVER)
    client = sign_in("view_experiment")

    with django_assert_max_num_queries(16):
        client.get(page(planned))


def test_results_need_the_permission_to_view(planned: Experiment, sign_in: SignIn, client: Client) -> None:
    assert client.get(page(planned)).status_code == 302

    signed_in = sign_in("view_flag")

    assert [signed_in.get(address).status_code for address in (page(planned), export(planned, "json"))] == [403, 403]


def test_results_are_never_written_to(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, Past(days=3))
    client = sign_in("view_experiment", "change_experiment")

    response = client.post(page(planned), {})

    assert response.status_code == 405
    assert Snapshot.objects.count() == 3


def test_export_as_json_is_the_report(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, OVER)

    response = sign_in("view_experiment").get(export(planned, "json"))

    assert response["Content-Disposition"] == 'attachment; filename="recommended-for-you-phase-1.json"'
    found = json.loads(response.content)
    assert (found["schema"], found["decision"]["outcome"]) == (1, "ship")


def test_export_as_csv_has_a_line_a_comparison(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, OVER)

    response = sign_in("view_experiment").get(export(planned, "csv"))

    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert [row["metric"] for row in rows][:3] == ["conversion", "orders", "latency"]
    assert float(rows[0]["difference"]) == pytest.approx(0.0125)
    assert rows[0]["finding"] == "better"


def test_export_as_csv_runs_no_formula(planned: Experiment, sign_in: SignIn) -> None:
    live(plan_experiment(planned, primary_metric="=1+1"), Past(days=3))

    response = sign_in("view_experiment").get(export(planned, "csv"))

    assert next(csv.DictReader(StringIO(response.content.decode())))["metric"] == "'=1+1"


def test_export_of_another_form_is_not_found(planned: Experiment, sign_in: SignIn) -> None:
    assert sign_in("view_experiment").get(export(planned, "xlsx")).status_code == 404


def test_list_of_experiments_shows_each_verdict(planned: Experiment, sign_in: SignIn) -> None:
    live(planned, OVER)
    Experiment.objects.update(status=Status.RUNNING)

    html = read(sign_in("view_experiment").get(reverse("admin:experiments_experiment_changelist")))

    assert '<td class="field-verdict">Ship</td>' in html


def test_results_join_the_phases_of_a_thompson_run(planned: Experiment, sign_in: SignIn) -> None:
    run(planned, (50, 0.05, 0.0575), (50, 0.05, 0.0575), (50, 0.05, 0.0575), (50, 0.05, 0.0575))

    html = read(sign_in("view_experiment").get(page(planned)))

    assert "All phases of this run together" in html
    assert "4 phases with 80,000 shoppers" in html
    assert "Difference, 95% interval" in html
    assert "The verdict above is on phase 4 alone." in html
