"""What the second row needs to be tested: running experiments, campaigns that answer as told, shoppers with a past."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from experiments import ramp
from experiments.assignment import assign
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Phase
from experiments.testutils import reset_snapshot
from recommendations import shared_lists
from recommendations.adapters import registry
from recommendations.events import recent
from recommendations.events.connections import worker_client
from recommendations.models import Deployment, LiveCampaign, Rotation, SharedList
from recommendations.ports import Interaction, Shopper
from storefront.row_experiments import EXPERIMENT
from tests.factories.catalog import make_brand, make_product_for_sale
from tests.factories.events import make_interaction
from tests.factories.experiments import plan_experiment
from tests.fakes.runtime import FakeRuntime, backend_of

Payload = Mapping[str, Any]


def run_experiment(control: Payload, treatment: Payload, *, coverage_bp: int = 10_000, **fields: Any) -> Phase:
    """Start the second row's experiment, half and half, for everybody unless told otherwise."""
    made = ensure_experiment(
        key=EXPERIMENT,
        name="Recommended For You",
        flag_name="recommended_for_you",
        variations=(
            VariationDefinition("control", "The one", control, is_control=True),
            VariationDefinition("treatment", "The other", treatment),
        ),
    )
    plan_experiment(made, **fields)
    ramp.start(EXPERIMENT, coverage_bp=coverage_bp, actor="ann", reason="a test")
    reset_snapshot()
    return Phase.objects.get()


def serve_rotation(monkeypatch: pytest.MonkeyPatch, key: str, runtime: FakeRuntime, **fields: Any) -> Rotation:
    """A rotation whose live campaign is the runtime; a busy machine does not make it late."""
    monkeypatch.setattr(settings, "RECOMMENDATION_DEADLINE_S", 5.0)
    monkeypatch.setitem(registry.BACKENDS, f"fake-{key}", backend_of(runtime))
    rotation = Rotation.objects.create(key=key, backend=f"fake-{key}", **{"slot": "home-recommended", **fields})
    side = Deployment.objects.create(rotation=rotation, colour="maize", campaign_arn=f"arn:{key}")
    LiveCampaign.objects.create(
        rotation=rotation, deployment=side, campaign_arn=f"arn:{key}", swapped_at=settings.CLOCK.now()
    )
    return rotation


def stock_shop() -> list[str]:
    """Fifty products for sale; twenty of them popular, twenty trending."""
    brands = [make_brand(f"Brand {number}") for number in range(14)]
    skus = [make_product_for_sale(brand=brands[number % 14]).sku for number in range(50)]
    for key, item_ids in ((shared_lists.MOST_POPULAR, skus[:20]), (shared_lists.TRENDING, skus[10:30])):
        SharedList.objects.create(key=key, item_ids=item_ids, computed_at=settings.CLOCK.now())
    return skus


def look_at(shopper: Shopper, *item_ids: str) -> None:
    """Let the shop know that the shopper looked at these, the last one latest."""
    now = settings.CLOCK.now()
    looks = [
        make_interaction(
            shopper_key=shopper.shopper_key,
            item_id=item_id,
            occurred_at=now - timedelta(seconds=len(item_ids) - place),
        )
        for place, item_id in enumerate(item_ids)
    ]
    remember(*looks)


def remember(*interactions: Interaction) -> None:
    """Let the shop know of these at once."""
    recent.write(interactions, client=worker_client())


def make_shopper_in(variation: str, **fields: Any) -> Shopper:
    """A shopper whom the open phase gives this variation."""
    while True:
        shopper = Shopper(uuid4().hex, uuid4().hex[:16], **fields)
        if assign(EXPERIMENT, shopper.shopper_key).variation == variation:
            return shopper
