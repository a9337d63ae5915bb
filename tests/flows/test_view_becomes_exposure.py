"""A homepage view in a running experiment is in the tables a moment later: exposure, page view, lists and teams."""

import re

import pytest
from django.conf import settings
from django.test import Client

from experiments import analysis
from experiments.models import Design, Exposure, Phase
from recommendations.events import cookie, runner
from recommendations.events.connections import worker_client
from recommendations.events.stream import NAME, all_groups
from recommendations.models import PageServed, RecommendationServed
from recommendations.ports import Shopper
from storefront.wiring import EVENT_HANDLERS
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, serve_rotation, stock_shop
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_stream() -> None:
    valkey = worker_client()
    for key in valkey.scan_iter(f"{NAME}*"):
        valkey.delete(key)


@pytest.fixture
def phase(monkeypatch: pytest.MonkeyPatch) -> Phase:
    skus = stock_shop()
    serve_rotation(monkeypatch, "one", FakeRuntime(skus[20:34]))
    serve_rotation(monkeypatch, "other", FakeRuntime(skus[34:48]))
    return run_experiment({"rotation": "one"}, {"rotation": "other"}, design=Design.INTERLEAVING)


def arrive(client: Client, shopper: Shopper) -> None:
    now_s = int(settings.CLOCK.now().timestamp())
    visit = cookie.Visit(shopper.shopper_key, shopper.session_id, now_s, cookie.Consent.UNASKED)
    client.cookies[cookie.NAME] = cookie.spell(visit)


def consume() -> None:
    runner.run(all_groups(), drain=True, more=EVENT_HANDLERS)


def test_view_is_measured_from_page_to_snapshot(client: Client, phase: Phase) -> None:
    shopper = make_shopper_in("treatment")
    look_at(shopper, "SKU-1")
    arrive(client, shopper)

    page = client.get("/", headers={"Sec-CH-UA-Mobile": "?1"}).content.decode()
    client.get("/api/recommendations/", headers={"Sec-CH-UA-Mobile": "?1"})
    section = page.split('data-row="recommended"')[1].split("</section>")[0]
    link = re.findall(r'href="(/p/[^"]+\?r=[^"]{32})"', section)[0]
    client.get(link)
    consume()

    exposure = Exposure.objects.select_related("variation").get()
    assert (exposure.unit, exposure.phase_id, exposure.variation.key) == (shopper.shopper_key, phase.pk, "treatment")
    assert exposure.is_triggered
    assert exposure.attributes == {"device": "phone", "history": "returning", "signed_in": "no"}
    for name in ("home", "api"):
        seen = PageServed.objects.get(page=name)
        assert (seen.status, seen.phase_id, seen.variation) == (200, phase.pk, "treatment")
    lists = RecommendationServed.objects.filter(row="recommended")
    assert {one.phase_id for one in lists} == {phase.pk}
    assert len({(one.teams, tuple(one.item_ids)) for one in lists}) == 1
    assert sorted(lists[0].teams) == ["A"] * 6 + ["B"] * 6


def test_teams_clicks_come_to_the_snapshot(client: Client, phase: Phase) -> None:
    shopper = make_shopper_in("control")
    look_at(shopper, "SKU-1")
    arrive(client, shopper)
    page = client.get("/").content.decode()
    section = page.split('data-row="recommended"')[1].split("</section>")[0]
    client.get(re.findall(r'href="(/p/[^"]+\?r=[^"]{32})"', section)[0])
    consume()
    first_team = RecommendationServed.objects.get(row="recommended").teams[0]

    snapshot = analysis.rebuild(phase.pk, settings.CLOCK.now())

    assert (snapshot.n_units["control"], snapshot.total_units) == (1, 1)
    wins = snapshot.interleaving
    assert wins is not None
    assert (wins["wins_a"], wins["wins_b"]) == ((1, 0) if first_team == "A" else (0, 1))
