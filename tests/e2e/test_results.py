"""The results and planner pages in a browser: both widths, both themes, nothing that a screen reader stumbles over."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page
from pytest_django.fixtures import Settings

from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment
from tests.e2e.looks import LOOKS
from tests.e2e.pages.rendered import Rendered, Studio, Theme, studio
from tests.experiments.report.test_joint import run
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Outcome, Past, live

VARIATIONS = (
    VariationDefinition("control", "Old homepage", {"rule": "popular"}, is_control=True),
    VariationDefinition("treatment", "Recommended For You", {"slot": "home-recommended"}),
)
BETTER = Outcome(conversion=0.058, revenue=3.6, orders=0.066, latency_ms=86, recommended_ctr=0.041, popular_ctr=0.038)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@pytest.fixture(scope="module")
def browsing() -> Iterator[Studio]:
    with studio() as opened:
        yield opened


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"
    settings.EXPERIMENT_FUNNEL = {}


@pytest.fixture
def planned(db: None) -> Experiment:
    """A draft that may start."""
    experiment = ensure_experiment(
        key="recommended-for-you", name="Recommended For You", flag_name="rfy", variations=VARIATIONS
    )
    return plan_experiment(
        experiment,
        primary_metric="conversion",
        secondary_metrics=["recommended_ctr"],
        guardrails=[{"metric": "orders", "margin": 0.1}, {"metric": "latency", "margin": 0.15}],
        is_simulated=True,
    )


@pytest.fixture
def finished(planned: Experiment) -> Experiment:
    """An experiment that reached its planned end."""
    live(planned, Past(days=28, per_day=1500, n_crossover=61, outcomes={"control": Outcome(), "treatment": BETTER}))
    return planned


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def keep(name: str) -> Path | None:
    """Where a picture goes that somebody wants to look at."""
    folder = os.environ.get("PICTURES")
    return Path(folder) / f"{name}.png" if folder else None


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_results_are_read_at_any_width_and_theme(
    finished: Experiment, admin: Client, browsing: Studio, theme: Theme, width: int
) -> None:
    rendered = Rendered.of(admin.get(f"/admin/experiments/experiment/{finished.pk}/results/"))

    def look(page: Page) -> tuple[str, str, int, int]:
        return (
            page.inner_text("#xr-verdict-title"),
            page.inner_text(".xr-chip-simulated"),
            page.locator(".xr-plot").count(),
            page.locator(".xr-metrics .xr-interval:visible").count(),
        )

    found = browsing.look(rendered, look, theme=theme, width=width, picture=keep(f"results-{theme}-{width}"))

    assert found == ("Ship", "Simulated shoppers", 2, 10)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_results_of_a_thompson_run_are_read_at_any_width_and_theme(
    planned: Experiment, admin: Client, browsing: Studio, theme: Theme, width: int
) -> None:
    run(planned, *[(50, 0.05, 0.0575)] * 4)
    rendered = Rendered.of(admin.get(f"/admin/experiments/experiment/{planned.pk}/results/"))

    def look(page: Page) -> tuple[str, int]:
        joint = page.locator("section[aria-labelledby=xr-joint-title]")
        return joint.locator(".xr-word").inner_text(), joint.locator(".xr-interval:visible").count()

    found = browsing.look(rendered, look, theme=theme, width=width, picture=keep(f"joint-{theme}-{width}"))

    assert found == ("Better", 1)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_planner_is_read_at_any_width_and_theme(
    finished: Experiment, admin: Client, browsing: Studio, theme: Theme, width: int
) -> None:
    asked = "metric=conversion&mde=5&alpha=0.05&power=0.8&coverage=60&baseline=0.05&daily_units=6000"
    rendered = Rendered.of(admin.get(f"/admin/experiments/experiment/{finished.pk}/planner/?{asked}"))

    def look(page: Page) -> tuple[str, int, int]:
        return (
            page.inner_text("#xr-plan-title"),
            page.locator(".xr-plot").count(),
            page.get_by_role("button", name="Use this plan").count(),
        )

    found = browsing.look(rendered, look, theme=theme, width=width, picture=keep(f"planner-{theme}-{width}"))

    assert found == ("11 weeks", 2, 1)
