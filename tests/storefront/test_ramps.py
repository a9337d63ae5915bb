"""Ramps through the shop's own tables, source and SQL."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from experiments import controller, exposures, ramp
from experiments.definitions import ensure_experiment
from experiments.exposures import Exposed
from experiments.models import Experiment, Phase, RampChange, Snapshot
from recommendations.events import ids, store
from recommendations.events.schema import PageServed, Record, ServedList
from storefront.measuring.source import ShopSource
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
START = datetime(2026, 5, 4, 12, tzinfo=UTC)
N_UNITS = 400
VISITS = 5


@dataclass
class Shop:
    """A running experiment whose shoppers visited in its first hours."""

    now: datetime = START

    @property
    def status(self) -> str:
        return Experiment.objects.get(key=KEY).status

    def live_through(self, *, error_share: float = 0.01, slower: float = 1.0) -> None:
        """Half of the shoppers see each variation; only the treatment's row may fail, only its page may be slow."""
        rng = random.Random(20260504)
        phase_id = Phase.objects.get().pk
        records: list[Record] = []
        exposed = []
        for number in range(N_UNITS):
            unit, variation = f"unit-{number}", ("control", "treatment")[number % 2]
            exposed.append(Exposed(unit, phase_id, variation, START + timedelta(minutes=1)))
            for visit in range(VISITS):
                at = START + timedelta(minutes=2 + 30 * visit)
                is_tested = variation == "treatment"
                took_ms = rng.lognormvariate(4.0, 0.5) * (slower if is_tested else 1.0)
                page_id = ids.uuid7(at)
                records.append(PageServed(page_id, unit, "s", "home", 200, took_ms, phase_id, variation, at))
                if is_tested:
                    error = "backend_unavailable" if rng.random() < error_share else ""
                    records.append(_list(unit, page_id, phase_id, error, at))
        store.store(records)
        exposures.insert(exposed)
        self.now = START + timedelta(hours=6)

    def tick(self) -> list[RampChange]:
        return controller.tick(self.now)


def _list(unit: str, page_id: Any, phase_id: int, error: str, at: datetime) -> ServedList:
    return ServedList(
        recommendation_id=ids.uuid7(at),
        shopper_key=unit,
        session_id="s",
        page_view_id=page_id,
        row="recommended",
        rung="popular" if error else "personal",
        item_ids=("ITEM-1", "ITEM-2"),
        served_at=at,
        rotation="home",
        phase_id=phase_id,
        variation="treatment",
        took_ms=40.0,
        error=error,
    )


@pytest.fixture
def shop(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    found = Shop()
    settings.CLOCK = SimpleNamespace(now=lambda: found.now, rate=1.0)
    # Whatever the stream of this world holds, the consumers are through.
    monkeypatch.setattr(ShopSource, "find_complete_until", lambda _self, now: now)
    exposures.memory.clear()
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    plan_experiment(
        made,
        guardrails=[
            {"metric": "orders_per_shopper", "margin": 0.02},
            {"metric": "page_latency", "margin": 0.15},
        ],
    )
    ramp.start(KEY, **WHO)
    yield found
    exposures.memory.clear()


def test_healthy_row_goes_on_to_its_next_step(shop: Shop) -> None:
    shop.live_through()
    early, seen = shop.tick(), Snapshot.objects.get()
    shop.now = START + timedelta(hours=24)

    (advanced,) = shop.tick()

    assert early == []
    assert (advanced.action, advanced.new_coverage_bp) == ("advance", 500)
    assert seen.row_health["treatment"]["n"] == N_UNITS * VISITS // 2


def test_rise_of_row_errors_is_rolled_back_before_the_next_step(shop: Shop) -> None:
    shop.live_through(error_share=0.06)

    (rolled_back,) = shop.tick()

    assert (rolled_back.code, shop.status) == ("row_errors", "rolled_back")


def test_rise_of_page_latency_is_rolled_back_before_the_next_step(shop: Shop) -> None:
    shop.live_through(slower=1.3)

    (rolled_back,) = shop.tick()

    assert (rolled_back.facts["metric"], shop.status) == ("page_latency", "rolled_back")


def test_planned_end_freezes_what_the_tables_say(shop: Shop) -> None:
    shop.live_through()
    shop.now = START + timedelta(days=28)

    (completed,) = shop.tick()

    final = Snapshot.objects.get(is_final=True)
    assert completed.code == "planned_end"
    assert final.n_units == {"control": N_UNITS // 2, "treatment": N_UNITS // 2}
