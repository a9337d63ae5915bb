import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from redis.exceptions import ConnectionError as ValkeyConnectionError

from experiments.models import Phase
from recommendations.events import ids, outbox, pulse, store
from recommendations.events.connections import worker_client
from recommendations.events.schema import ServedList
from recommendations.events.stream import NAME
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from storefront.measuring.source import ShopSource
from tests.factories.events import make_exposed, make_interaction
from tests.factories.histories import START, make_history, make_phase

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stream() -> Iterator[ValkeyStream]:
    """The test world's own stream, empty before and after."""
    for key in worker_client().scan_iter(f"{NAME}*"):
        worker_client().delete(key)
    yield ValkeyStream.of_settings()
    for key in worker_client().scan_iter(f"{NAME}*"):
        worker_client().delete(key)


def test_facts_are_complete_once_both_groups_are_through(stream: ValkeyStream) -> None:
    now = settings.CLOCK.now()
    stream.ensure_groups()
    stream.append(encode_entries([make_exposed()]))
    time.sleep(0.05)
    batch = stream.read("store", "test-1", count=10, wait_ms=1)
    stream.commit("store", batch.checkpoint)

    while_waiting = ShopSource().find_complete_until(now)

    stream.commit("exposures", stream.read("exposures", "test-1", count=10, wait_ms=1).checkpoint)
    assert while_waiting is not None
    assert while_waiting <= now - timedelta(milliseconds=50)
    assert ShopSource().find_complete_until(now) == now


def test_purchase_in_the_outbox_holds_completeness_back() -> None:
    before = settings.CLOCK.now()
    with transaction.atomic():
        outbox.add(make_interaction(event_type="purchase"))

    complete = ShopSource().find_complete_until(before + timedelta(hours=1))

    assert complete is not None
    assert before <= complete < before + timedelta(minutes=1)


def test_nobody_knows_how_complete_facts_are_while_valkey_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_client: object) -> float:
        raise ValkeyConnectionError("gone")

    monkeypatch.setattr(pulse, "time_s", fail)

    assert ShopSource().find_complete_until(settings.CLOCK.now()) is None


def test_row_health_is_that_of_the_lists_the_phase_chose() -> None:
    phase = make_phase()
    history = make_history(phase, seed=21, n_units=40)
    history.store()
    since, until = START + timedelta(days=1), START + timedelta(days=4)

    found = ShopSource().read_row_health(phase.pk, since, until, 40.0)

    lists = [
        record
        for record in history.records
        if isinstance(record, ServedList) and record.phase_id == phase.pk and since <= record.served_at < until
    ]
    for variation in ("control", "treatment"):
        told = [one for one in lists if one.variation == variation]
        p95_ms = statistics.quantiles([one.took_ms for one in told], n=20, method="inclusive")[-1]
        health = found[variation]
        assert (health.n, health.errors) == (len(told), sum(bool(one.error) for one in told))
        assert health.fallback == sum(one.rung != "personal" for one in told)
        assert health.p95_ms == pytest.approx(p95_ms)
        assert health.slow == sum(one.took_ms > 40.0 for one in told)
        assert 0 < health.slow < health.n


def test_row_health_of_a_campaign_is_not_thinned_by_shoppers_without_history() -> None:
    phase = make_phase()
    served = [
        *(make_served(phase, "treatment", rotation="home", took_ms=300.0) for _ in range(2)),
        make_served(phase, "treatment", rotation="home", error="backend_throttled", took_ms=300.0),
        make_served(phase, "treatment", error="unexpected", took_ms=300.0),
        *(make_served(phase, "treatment", took_ms=1.0) for _ in range(96)),
        *(make_served(phase, "control", took_ms=1.0) for _ in range(100)),
    ]
    store.store(served)

    found = ShopSource().read_row_health(phase.pk, START, START + timedelta(days=1), 250.0)

    treatment, control = found["treatment"], found["control"]
    assert (treatment.n, treatment.errors, treatment.slow, treatment.p95_ms) == (4, 2, 4, 300.0)
    assert (control.n, control.errors, control.slow, control.fallback) == (100, 0, 0, 0)


def make_served(phase: Phase, variation: str, **fields: Any) -> ServedList:
    at = START + timedelta(hours=1)
    return ServedList(
        recommendation_id=ids.uuid7(at),
        shopper_key="unit",
        session_id="s",
        page_view_id=ids.uuid7(at),
        row="recommended" if "rotation" in fields else "trending",
        rung="personal" if "rotation" in fields else "popular",
        item_ids=("ITEM-1",),
        served_at=at,
        phase_id=phase.pk,
        variation=variation,
        **fields,
    )
