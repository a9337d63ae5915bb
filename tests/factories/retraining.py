"""A shop with a past to train on: two tastes that never mix, so that a list tells whose it is."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from recommendations import conf, items
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.adapters.registry import get_backend
from recommendations.events.ids import uuid7
from recommendations.events.store import store
from recommendations.events.stream import NAME
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline import sides
from recommendations.pipeline.context import Failed, Waiting
from recommendations.pipeline.helping import help_along
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import STEPS, RetrainStatus
from recommendations.pipeline.steps import export
from recommendations.ports import Interaction
from recommendations.serving.live import forget_live_campaigns
from tests.factories.catalog import make_product

N_ITEMS_A_TASTE = 16
N_SHOPPERS = 60
N_EVENTS_A_SHOPPER = 20
_IN_ORDER = (*STEPS, RetrainStatus.SUCCEEDED)
_numbers = count(1)


@pytest.fixture
def calm_world(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A world folder of its own, where nothing waits for clocks."""
    settings.WORLD_DIR = tmp_path
    settings.WATERMARK_SLACK_S = 0
    monkeypatch.setattr(export, "SETTLE", timedelta(0))
    monkeypatch.setattr(sides, "SINCE_SWAP", timedelta(0))
    forget_all()
    yield tmp_path
    forget_all()


def forget_all() -> None:
    """Make this process and Valkey know nothing of earlier tests."""
    items.forget_availability()
    forget_live_campaigns()
    runtime = get_backend("embedded").runtime
    assert isinstance(runtime, EmbeddedRuntime)
    runtime.forget()
    redis.Redis.from_url(django_settings.VALKEY.client(0)).delete(NAME)


def make_interaction(
    shopper_key: str, item_id: str, *, days_ago: float = 1.0, event_type: str = "product_view"
) -> Interaction:
    moment = conf.now() - timedelta(days=days_ago)
    return Interaction(uuid7(moment), shopper_key, "s", item_id, event_type, moment, moment)


def make_items(taste: int, n: int = N_ITEMS_A_TASTE) -> list[str]:
    return [make_product(sku=f"TASTE{taste}-{next(_numbers):05}").sku for _ in range(n)]


def make_past(n_shoppers: int = N_SHOPPERS) -> tuple[list[str], list[str]]:
    """Store a past and return the items of either taste; shopper `even-N` has the first, `odd-N` the second."""
    tastes = (make_items(0), make_items(1))
    store(past_of(tastes, n_shoppers))
    return tastes


def past_of(tastes: tuple[list[str], list[str]], n_shoppers: int = N_SHOPPERS) -> list[Interaction]:
    past = []
    for shopper in range(n_shoppers):
        taste = tastes[shopper % 2]
        key = f"{('even', 'odd')[shopper % 2]}-{shopper}"
        for number in range(N_EVENTS_A_SHOPPER):
            item_id = taste[(shopper + number * (1 + shopper % 3)) % len(taste)]
            past.append(make_interaction(key, item_id, days_ago=20 - number + shopper / 100))
    return past


def write_csv(path: Path, interactions: Sequence[Interaction]) -> Path:
    """Write interactions as a file of Personalize's five columns."""
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
    lines += [
        f"{each.shopper_key},{each.item_id},{int(each.occurred_at.timestamp())},{each.event_type},"
        for each in interactions
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def advance_to(status: RetrainStatus, rotation: Rotation | None = None) -> RetrainRun:
    """Advance the active run, begun where there is none, until it is at a step or has ended."""
    run = start_run(rotation or ensure_default_rotation())
    with hold_run(run) as held:
        for _ in range(200):
            if held.run.status == status or not held.run.is_active:
                break
            outcome = advance(held)
            assert not isinstance(outcome, Failed) or status is RetrainStatus.FAILED, outcome
            if isinstance(outcome, Waiting):
                help_along(held.run)
    run.refresh_from_db()
    assert run.status == status, run.status
    return run


def walk(run: RetrainRun, end: RetrainStatus) -> RetrainRun:
    """Take a run's row, step by step as the database wants it, to a step or an end without doing any of the work."""
    for status in _IN_ORDER[_IN_ORDER.index(RetrainStatus(run.status)) + 1 : _IN_ORDER.index(end) + 1]:
        finished_at = conf.now() if status is RetrainStatus.SUCCEEDED else None
        RetrainRun.objects.filter(pk=run.pk).update(status=status, finished_at=finished_at)
    run.refresh_from_db()
    return run


def retrain() -> RetrainRun:
    """Run one retrain of the default rotation to its end."""
    return advance_to(RetrainStatus.SUCCEEDED)
