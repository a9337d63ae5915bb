"""With Amazon Personalize in trouble of any kind the homepage stays full, and is soon itself again afterwards."""

import re
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Product
from recommendations.adapters.aws.clients import forget_clients
from recommendations.models import LiveCampaign
from recommendations.ports import Shopper
from recommendations.server.faulty import MODES
from recommendations.serving import breaker
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import recommended_for_you
from tests.factories.catalog import make_ask, make_variant
from tests.factories.retraining import make_past
from tests.flows.test_nights_at_personalize import night
from tests.spoiling_proxy import SpoilingProxy
from tests.wire_server import WireServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calm_world", "personalize_service")]

K = 8
RECOVERS_WITHIN_S = 15.0
DEADLINE_S = 0.5
# More than opens the breaker, and fills every place of the bulkhead.
N_PAGES = 12
# A deadline, and what a page takes besides on a busy machine.
PAGE_WITHIN_S = DEADLINE_S + 15.0
SHOPPER = Shopper("even-0", "visit")


@pytest.fixture
def proxy(wire_server: WireServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SpoilingProxy]:
    """The runtime's address from here on; everything else is asked directly."""
    settings.RECOMMENDER_BACKEND = "personalize"
    settings.DRAIN_S = 0
    settings.RECOMMENDATION_DEADLINE_S = DEADLINE_S
    with SpoilingProxy(wire_server.url) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PERSONALIZE_RUNTIME", running.url)
        forget_clients()
        yield running


def rung() -> Rung:
    """Where the row of someone whom the campaign knows comes from; it is full, whatever that is."""
    served = recommended_for_you(SHOPPER, rotation="home", k=K)
    assert len(set(served.item_ids)) == K
    return served.rung


def recovers(within_s: float = 120.0) -> bool:
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if rung() is Rung.PERSONAL:
            return True
        time.sleep(0.2)
    return False


def row_sizes(page: str) -> list[int]:
    return [len(re.findall("data-item-id", row)) for row in page.split('class="row"')[1:]]


def open_shop() -> None:
    """Everything is for sale, and a campaign at the service answers."""
    make_past()
    for product in Product.objects.all():
        make_ask(make_variant(product))
    night()
    assert LiveCampaign.objects.get().rotation.backend == "personalize"
    assert recovers()


def visit(client: Client) -> list[str]:
    """Ask for the homepage and for the row again and again; return what was wrong."""
    faults = []
    for _ in range(N_PAGES):
        began_s = time.monotonic()
        answer = client.get("/")
        took_s = time.monotonic() - began_s
        sizes = row_sizes(answer.content.decode())
        if answer.status_code != 200 or not sizes or min(sizes) == 0:
            faults.append(f"status {answer.status_code}, rows of {sizes}")
        if took_s > PAGE_WITHIN_S:
            faults.append(f"took {took_s:.1f} s")
        if rung() is Rung.PERSONAL:
            faults.append("the fault was not met")
    return faults


def test_homepage_stays_full_under_every_fault_of_the_service(proxy: SpoilingProxy, client: Client) -> None:
    open_shop()

    faults = {}
    for mode in MODES:
        breaker.reset()
        proxy.spoil(mode)
        faults[mode] = visit(client)
    proxy.heal()

    assert faults == {mode: [] for mode in MODES}
    assert recovers()


@pytest.mark.soak
def test_homepage_recovers_from_each_fault_within_fifteen_seconds(proxy: SpoilingProxy, client: Client) -> None:
    open_shop()

    has_recovered = {}
    for mode in MODES:
        proxy.spoil(mode)
        visit(client)
        proxy.heal()
        has_recovered[mode] = recovers(RECOVERS_WITHIN_S)

    assert has_recovered == dict.fromkeys(MODES, True)
