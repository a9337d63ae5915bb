"""A retrain of the network's recipes: what the shop exports of its items and shoppers reaches the network."""

import pytest

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.engine import artifacts
from recommendations.engine.models.hrnn_coldstart import HrnnColdstart
from recommendations.engine.models.hrnn_metadata import HrnnMetadata
from recommendations.engine.neural import learning
from recommendations.models import SolutionVersion
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.pipeline.states import RetrainStatus
from recommendations.serving.live import live_campaign
from tests.factories.catalog import make_product
from tests.factories.retraining import advance_to, make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.mark.parametrize(
    ("recipe", "kind"), [("aws-hrnn-metadata", HrnnMetadata), ("aws-hrnn-coldstart", HrnnColdstart)]
)
def test_retrain_teaches_the_network_attributes_and_offers_what_nobody_has_touched(
    recipe: str, kind: type[HrnnMetadata], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "FEWEST_BATCHES", 20)
    make_past()
    new = make_product(sku="NEW").sku
    rotation = ensure_rotation("home-network", "home-recommended", recipe, {"passes": 1, "hidden_dimension": 32})

    advance_to(RetrainStatus.SUCCEEDED, rotation)

    version = SolutionVersion.objects.get()
    model = artifacts.load(conf.artifacts_dir() / version.artifact_path).model
    assert type(model) is kind
    assert len(model.learned_arrays()["item_keys_"])
    assert new in model.item_ids_
    live = live_campaign("home-network")
    assert live is not None
    found = get_backend("embedded").runtime.get_personalized_ranking(
        live.campaign_arn, user_id="even-0", item_ids=[new, "nowhere-known"]
    )
    assert found.item_ids == (new, "nowhere-known")
    assert len(found.scores) == 1
