"""A shop of many tastes, large enough for every gate to be judged."""

from datetime import timedelta

import numpy as np

from recommendations import conf
from recommendations.events.ids import uuid7
from recommendations.events.store import store
from recommendations.models import Deployment
from recommendations.ports import Interaction
from tests.factories.catalog import make_product

N_TASTES, N_ITEMS_A_TASTE = 8, 25
N_SHOPPERS = 360
LIVE_DATA_ENDED = timedelta(hours=12)


def make_tasteful_past(*, newest_days_ago: float = 1.0, seed: int = 0) -> list[str]:
    """Store thirty days of shoppers who each like one taste; return all item ids, taste after taste."""
    skus = [make_product(sku=f"T{taste}-{n:03}").sku for taste in range(N_TASTES) for n in range(N_ITEMS_A_TASTE)]
    generator = np.random.default_rng(seed)
    past = []
    for shopper in range(N_SHOPPERS):
        for days_ago in np.sort(generator.uniform(newest_days_ago, 30, 5))[::-1].tolist():
            past.extend(visit(shopper, skus, days_ago, generator))
    store(past)
    return skus


def make_new_day(skus: list[str], *, seed: int = 1) -> None:
    """Store a visit of every shopper after the live model's data ended."""
    generator = np.random.default_rng(seed)
    store([each for shopper in range(N_SHOPPERS) for each in visit(shopper, skus, 0.25, generator)])


def visit(shopper: int, skus: list[str], days_ago: float, generator: np.random.Generator) -> list[Interaction]:
    """Four views a minute or so apart, rather of what the taste likes most, one in six of something else."""
    taste = skus[(shopper % N_TASTES) * N_ITEMS_A_TASTE :][:N_ITEMS_A_TASTE]
    liked = 1 / np.arange(1, N_ITEMS_A_TASTE + 1) ** 0.5
    moment = conf.now() - timedelta(days=days_ago)
    views = []
    for _ in range(4):
        item = generator.choice(taste, p=liked / liked.sum()) if generator.random() < 5 / 6 else generator.choice(skus)
        key = f"shopper-{shopper:04}"
        views.append(Interaction(uuid7(moment), key, "s", str(item), "product_view", moment, moment))
        moment += timedelta(seconds=float(generator.lognormal(4, 0.8)))
    return views


def age_live_data() -> None:
    """Let the live model's data have ended half a day ago."""
    Deployment.objects.exclude(campaign_arn="").update(watermark_at=conf.now() - LIVE_DATA_ENDED)
