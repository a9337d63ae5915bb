"""The runtime: artifacts opened once and bounded, still personal without Valkey, still serving without PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import campaigns, rings
from recommendations.adapters.embedded.campaigns import OpenCampaigns
from recommendations.adapters.embedded.runtime import EmbeddedRuntime, _find_user
from recommendations.adapters.embedded.training import train_next
from recommendations.adapters.registry import get_backend
from recommendations.engine.artifacts import Artifact, load
from recommendations.exceptions import BackendUnavailable, ResourceNotReady
from recommendations.models import Campaign, EventTracker
from tests.factories.events import make_interaction
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])


@pytest.fixture
def campaign_arn(calm_world: Path) -> str:
    control = get_backend("embedded").control
    arn = control.ensure_dataset_group("serving", tags={}).arn
    control.ensure_event_tracker("serving", dataset_group_arn=arn)
    control.ensure_import("job", dataset_group_arn=arn, location=write_csv(calm_world / "past.csv", past_of(TASTES)))
    settings = {"recipe": "aws-user-personalization", "hyperparameters": {}, "event_weights": {}}
    version = control.ensure_solution_version("serving", dataset_group_arn=arn, **settings)  # type: ignore[arg-type]
    train_next()
    return control.ensure_campaign("serving", solution_version_arn=version.arn).arn


def down() -> Campaign:
    raise OperationalError("the database is down")


def test_runtime_without_valkey_is_still_personal(campaign_arn: str, settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/valkey.sock"

    answer = EmbeddedRuntime().get_recommendations(campaign_arn, user_id="odd-1", k=8)

    assert sum(item.startswith("ODD") for item in answer.item_ids) >= 7
    rings._quiet_until_s = 0.0


def test_runtime_without_the_database_goes_on_with_what_it_has(
    campaign_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "RECHECK_S", 0.0)
    warm, cold = EmbeddedRuntime(), EmbeddedRuntime()
    before = warm.get_recommendations(campaign_arn, user_id="odd-1", k=8)
    monkeypatch.setattr(campaigns, "_look_up", lambda arn: down())

    assert warm.get_recommendations(campaign_arn, user_id="odd-1", k=8).item_ids == before.item_ids
    with pytest.raises(BackendUnavailable):
        cold.get_recommendations(campaign_arn, user_id="odd-1", k=8)


def test_runtime_opens_an_artifact_once_for_all_threads(campaign_arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    campaign = campaigns._look_up(campaign_arn)
    monkeypatch.setattr(campaigns, "_look_up", lambda arn: campaign)

    def counted(folder: Path, *, verify: bool) -> Artifact:
        opened.append(folder)
        return load(folder, verify=verify)

    monkeypatch.setattr(campaigns, "load", counted)
    shared = EmbeddedRuntime()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(shared.get_recommendations, campaign_arn, user_id="odd-1", k=8) for _ in range(64)]
        answers = {one.result().item_ids for one in asked}

    assert (len(opened), len(answers)) == (1, 1)


def test_runtime_keeps_eight_artifacts_at_most(campaign_arn: str) -> None:
    control = get_backend("embedded").control
    version = Campaign.objects.get().solution_version
    arns = [control.ensure_campaign(f"more-{number}", solution_version_arn=version.arn).arn for number in range(10)]
    shared = EmbeddedRuntime()

    for arn in arns:
        shared.get_recommendations(arn, user_id="odd-1", k=1)

    assert shared._campaigns.arns() == arns[-8:]


def test_runtime_names_a_campaign_whose_artifact_is_gone(campaign_arn: str, calm_world: Path) -> None:
    for path in (calm_world / "artifacts" / "serving" / "versions").glob("*/*"):
        path.unlink()

    with pytest.raises(ResourceNotReady, match="campaign/serving"):
        EmbeddedRuntime().get_recommendations(campaign_arn, user_id="odd-1", k=8)


def test_runtime_counts_what_a_joined_key_was_trained_on(campaign_arn: str) -> None:
    tracking_id = EventTracker.objects.get().tracking_id
    runtime = EmbeddedRuntime()
    before = runtime.get_recommendations(campaign_arn, user_id="account", k=8)

    rings.join_rings(tracking_id, "odd-1", "account")
    joined = runtime.get_recommendations(campaign_arn, user_id="account", k=8)
    rings.delete_ring(tracking_id, "account")
    forgotten = runtime.get_recommendations(campaign_arn, user_id="account", k=8)

    assert sum(item.startswith("ODD") for item in joined.item_ids) >= 7
    assert forgotten.item_ids == before.item_ids


def test_runtime_counts_once_what_a_tracker_still_holds_of_a_training(campaign_arn: str) -> None:
    tracking_id = EventTracker.objects.get().tracking_id
    serving = OpenCampaigns().find(campaign_arn)
    assert serving.artifact.histories is not None
    past = serving.artifact.histories.of("odd-1")
    moments = [datetime.fromtimestamp(event.timestamp, UTC) for event in past]
    trained_on = [
        make_interaction(
            shopper_key="odd-1", item_id=event.item_id, event_type=event.event_type, occurred_at=at, received_at=at
        )
        for event, at in zip(past, moments, strict=True)
    ]
    newer = make_interaction(shopper_key="odd-1", item_id="EVEN-00", occurred_at=moments[-1] + timedelta(days=1))

    rings.append_events(tracking_id, [*trained_on, newer])

    assert len(past) > 3
    assert [event.item_id for event in _find_user(serving, "odd-1", serving.arrived()).events] == [
        *(event.item_id for event in past),
        "EVEN-00",
    ]
