"""A tester's way through the shop's own pages: a link, the banner, and out again."""

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings

from experiments import exposures, ramp, switches
from experiments.models import Experiment, Exposure
from experiments.overrides import make_query
from experiments.testutils import reset_snapshot
from recommendations import shared_lists
from recommendations.models import SharedList
from storefront import outage
from storefront.row_experiments import EXPERIMENT
from storefront.world_setup import ensure_feature
from tests.factories.accounts import make_user
from tests.factories.catalog import make_brand, make_product_for_sale
from tests.factories.experiments import plan_experiment

pytestmark = pytest.mark.django_db
BANNER = "Forced variations"


@pytest.fixture(autouse=True)
def running(settings: Settings) -> Experiment:
    """At a coverage of 0%: nobody is in, testers alone can look."""
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"
    exposures.memory.clear()
    skus = [make_product_for_sale(brand=make_brand(f"Brand {number}")).sku for number in range(26)]
    for key in (shared_lists.MOST_POPULAR, shared_lists.TRENDING):
        SharedList.objects.create(key=key, item_ids=skus, computed_at=project.CLOCK.now())
    ensure_feature(shipped=False)
    experiment = plan_experiment(Experiment.objects.get(key=EXPERIMENT))
    ramp.start(EXPERIMENT, coverage_bp=0, actor="ann", reason="test")
    reset_snapshot()
    return experiment


def show(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def test_a_signed_link_shows_the_variation_under_a_banner_on_every_page(client: Client) -> None:
    first = client.get(f"/?{make_query(EXPERIMENT, 'treatment', 1)}")
    home, other = show(client, first["Location"]), show(client, "/privacy/")

    assert (first.status_code, first["Location"]) == (302, "/")
    for page in (home, other):
        assert BANNER in page
        assert "You see <strong>Recommended For You</strong> as <strong>Recommended For You</strong> because" in page
    exposure = Exposure.objects.select_related("variation").get()
    assert (exposure.variation.key, exposure.is_forced) == ("treatment", True)


def test_staff_force_a_variation_and_leave_it_by_the_banners_link(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    forced = show(client, f"/?xp_{EXPERIMENT}=treatment")

    left = show(client, "/?xp_leave=1")

    assert '<a href="/?xp_leave=1" rel="nofollow">' in forced
    assert BANNER not in left
    assert "xp" not in {name for name, morsel in client.cookies.items() if morsel.value}


def test_a_stranger_is_told_why_nothing_is_forced(client: Client) -> None:
    page = show(client, f"/?xp_{EXPERIMENT}=treatment")

    assert "Only staff may choose a variation without a signed link" in page
    assert "xp_leave" not in page


def test_the_banner_says_when_the_kill_switch_beats_the_override(client: Client) -> None:
    show(client, f"/?{make_query(EXPERIMENT, 'treatment', 1)}")
    switches.roll_back(EXPERIMENT, actor="ann", reason="test")
    reset_snapshot()

    page = show(client, "/")

    assert "is not shown as <strong>Recommended For You</strong>: it is off" in page


def test_pages_of_everybody_else_carry_no_trace(client: Client) -> None:
    page = show(client, "/")

    assert BANNER not in page
    assert "override.css" not in page


def test_a_testers_page_is_never_kept_for_an_outage(client: Client) -> None:
    show(client, f"/?{make_query(EXPERIMENT, 'treatment', 1)}")
    kept_by_tester = outage._kept[0]

    Client().get("/")

    assert kept_by_tester == ""
    assert BANNER not in outage._kept[0]
    assert outage._kept[0]
