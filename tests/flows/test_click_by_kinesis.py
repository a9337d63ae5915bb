"""The shop on a stream of Kinesis: a click reaches store and shopper's state, an export waits for it, erasure too."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from recommendations.alarms import gathering
from recommendations.events import recent, runner
from recommendations.events.connections import worker_client
from recommendations.events.stream import NAME
from recommendations.events.streams import open_stream
from recommendations.models import Interaction, LiveErasure
from recommendations.pipeline.helping import drain_store
from recommendations.pipeline.steps.export import STORE
from recommendations.serving.forgetting import erase_due, forget_shoppers
from storefront.shelves import forget_newest
from tests.factories.catalog import make_product_for_sale
from tests.factories.streams import MakeKinesis, aws_here, forget_stream, make_kinesis

__all__ = ["aws_here", "make_kinesis"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop_on_kinesis(settings: Settings, make_kinesis: MakeKinesis) -> Iterator[None]:
    name = make_kinesis(2)
    settings.EVENT_STREAM_URL, settings.EVENT_GROUPS = f"kinesis://{name}", ()
    forget_stream(worker_client(), NAME)
    forget_newest()
    for number in range(6):
        make_product_for_sale(name=f"Harbour {number}")
    yield
    forget_stream(worker_client(), name)
    forget_stream(worker_client(), NAME)


def click(client: Client) -> str:
    """Look at the homepage, click on its first card; the shopper's key, once everything has arrived."""
    (link, *_) = re.findall(r'href="(/p/[^"]+\?r=[^"]{32})"', client.get("/").content.decode())
    assert client.get(link).status_code == 200
    runner.run(drain=True)
    return str(Interaction.objects.values_list("shopper_key", flat=True)[0])


def test_click_arrives_once_in_the_store_and_in_the_shoppers_state(client: Client) -> None:
    shopper_key = click(client)

    runner.run(drain=True)

    assert Counter(Interaction.objects.values_list("event_type", flat=True)) == {"product_view": 1, "row_click": 1}
    assert {event.event_type for event in recent.recent(shopper_key)} == {"product_view", "row_click"}
    assert worker_client().xlen(NAME) == 0


def test_store_passes_a_mark_by_the_work_of_the_foreground(client: Client) -> None:
    click(client)
    stream = open_stream()
    mark = stream.position()

    before = stream.has_passed(STORE, mark)
    drain_store()

    assert not before
    assert stream.has_passed(STORE, mark)


def test_forgotten_shopper_is_erased_once_the_stream_is_through(client: Client) -> None:
    shopper_key = click(client)
    forget_shoppers([shopper_key])

    marked, waiting = erase_due(), erase_due()
    runner.run(drain=True)
    done = erase_due()

    assert (marked, waiting, done) == (0, 0, 1)
    assert not LiveErasure.objects.exists()
    assert recent.recent(shopper_key) == []


def test_facts_tell_how_far_the_groups_are(client: Client) -> None:
    click(client)
    open_stream().append([b"[]"])

    facts = gathering.gather().state_store

    assert facts is not None
    assert {group.name: group.n_waiting for group in facts.stream.groups} == {"store": 1, "trackers": 1, "recent": 1}


def test_kinesis_out_of_reach_leaves_pages_alone_and_facts_unknown(client: Client, settings: Settings) -> None:
    settings.EVENT_STREAM_URL = "kinesis://never-made"

    status = client.get("/").status_code
    facts = gathering.gather()

    assert status == 200
    assert facts.state_store is None
