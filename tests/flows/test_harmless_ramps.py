"""Ramps that do no harm, lived through in the shop's own tables: hardly any may be rolled back."""

import hashlib
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from experiments.models import Experiment
from experiments.testutils import reset_snapshot
from storefront.simulation.experiments.finished import KEY, define
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.replaying import Replay
from storefront.simulation.experiments.seeding import find_start
from storefront.simulation.reading import read_shelf
from storefront.simulation.shelf import Shelf

pytestmark = pytest.mark.django_db

GUARDRAILS = [
    {"metric": "page_latency", "margin": 0.0},
    {"metric": "page_errors", "margin": 0.0},
    {"metric": "clicks_outside_row", "margin": 0.0},
    {"metric": "orders_per_shopper", "margin": 0.0},
    {"metric": "revenue_per_shopper", "margin": 0.0},
]


def live_through(parameters: TrialParameters, shelf: Shelf, *, look_every: timedelta) -> str:
    """How one ramp ended. Nothing of it is left, so that the next one finds the same shop."""
    starts_at = find_start(parameters, settings.CLOCK.now())
    salt = hashlib.md5(f"harmless {parameters.seed}".encode()).hexdigest()
    with transaction.atomic():
        with settings.CLOCK.at(starts_at):
            experiment = define(parameters, starts_at=starts_at)
            # A margin of nothing at all is where false alarms are likeliest.
            Experiment.objects.filter(pk=experiment.pk).update(guardrails=GUARDRAILS)
        replay = Replay(parameters, shelf, starts_at=starts_at, look_every=look_every)
        replay.run(salt=salt, report=lambda _share, _note: None)
        ended = Experiment.objects.get(key=KEY)
        newest = ended.ramp_changes.first()
        assert newest is not None
        transaction.set_rollback(True)
    reset_snapshot()
    return f"{ended.status} {newest.code}"


def endings(n: int, n_shoppers: int, *, look_every: timedelta) -> Counter[str]:
    call_command("seed_catalog", size="small", stdout=StringIO())
    shelf = read_shelf()
    harmless = [
        TrialParameters(n_shoppers, seed=seed, days=14, planted_effect=0.0, page_error_share=0.01) for seed in range(n)
    ]
    return Counter(live_through(parameters, shelf, look_every=look_every) for parameters in harmless)


def test_five_harmless_ramps_reach_their_end() -> None:
    assert endings(5, n_shoppers=400, look_every=timedelta(days=5)) == {"completed planned_end": 5}


@pytest.mark.soak
def test_of_a_hundred_harmless_ramps_at_most_five_are_rolled_back() -> None:
    found = endings(100, n_shoppers=2_000, look_every=timedelta(days=1))

    n_rolled_back = sum(n for ending, n in found.items() if ending.startswith("rolled_back"))
    assert n_rolled_back <= 5, found
    assert found["completed planned_end"] >= 90, found
