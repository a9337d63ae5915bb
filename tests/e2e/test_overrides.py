"""The banner of a forced variation in a browser: at both widths, in both themes, sound for a screen reader."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page

from experiments import ramp
from experiments.models import Experiment
from experiments.overrides import make_query
from experiments.testutils import reset_snapshot
from storefront.row_experiments import EXPERIMENT
from storefront.world_setup import ensure_feature
from tests.e2e.looks import LOOKS
from tests.e2e.pages.rendered import ORIGIN, Rendered, Studio, Theme, studio
from tests.factories.experiments import plan_experiment

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@pytest.fixture(scope="module")
def opened() -> Iterator[Studio]:
    with studio() as found:
        yield found


@pytest.fixture(autouse=True)
def running(db: None) -> None:
    """At a coverage of 0%: testers alone can look."""
    ensure_feature(shipped=False)
    plan_experiment(Experiment.objects.get(key=EXPERIMENT))
    ramp.start(EXPERIMENT, coverage_bp=0, actor="ann", reason="test")
    reset_snapshot()


def look_at_banner(page: Page) -> tuple[str, str, str, bool]:
    """(what it says, where its link leads, its colour, whether it stands on top of the page)."""
    banner = page.get_by_role("complementary", name="Forced variations")
    told, leaves = banner.inner_text(), banner.get_by_role("link").evaluate("element => element.href")
    colour = banner.evaluate("element => getComputedStyle(element).backgroundColor")
    box, head = banner.bounding_box(), page.locator(".site-head").bounding_box()
    return told, leaves, colour, bool(box and head and box["y"] + box["height"] <= head["y"])


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_banner_is_sound_and_says_how_to_leave(client: Client, opened: Studio, width: int, theme: Theme) -> None:
    answer = client.get(f"/privacy/?{make_query(EXPERIMENT, 'treatment', 1)}", follow=True)

    told, leaves, colour, is_on_top = opened.look(Rendered.of(answer), look_at_banner, theme=theme, width=width)

    assert "You see Recommended For You as Recommended For You" in told
    assert leaves == f"{ORIGIN}/privacy/?xp_leave=1"
    assert colour == "rgb(253, 240, 196)"
    assert is_on_top
