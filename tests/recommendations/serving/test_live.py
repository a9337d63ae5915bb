"""The live pointer: read seldom, moved by one writer, never to where nothing is."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from recommendations.exceptions import LeaseLost, SwapRefused
from recommendations.models import Deployment, LiveCampaign, RetrainRun, Rotation, Swap
from recommendations.pipeline.runs import dormant_colour, ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from recommendations.serving import live
from tests.factories.retraining import walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget() -> None:
    live.forget_live_campaigns()


@pytest.fixture
def rotation() -> Rotation:
    return ensure_default_rotation()


def build(rotation: Rotation) -> tuple[RetrainRun, Deployment]:
    """A run that has come as far as its swap."""
    run = start_run(rotation)
    side = Deployment.objects.get(rotation=rotation, colour=run.colour)
    side.campaign_arn = f"arn:campaign/{run.resource_name}"
    side.save()
    return run, side


def swap_in(rotation: Rotation) -> Swap:
    run, side = build(rotation)
    made = live.swap(run=run, deployment=side, expected_version=live.pointer_version(rotation.key))
    walk(run, RetrainStatus.SUCCEEDED)
    return made


def test_live_campaign_is_none_before_the_first_swap(rotation: Rotation) -> None:
    assert live.live_campaign(rotation.key) is None
    assert live.live_campaign("no-such-rotation") is None


def test_swap_moves_the_pointer_and_leaves_a_row(rotation: Rotation) -> None:
    first, second = swap_in(rotation), swap_in(rotation)

    view = live.live_campaign(rotation.key)
    assert view is not None
    assert (view.colour, view.campaign_arn, view.version) == ("blue", second.to_campaign_arn, 2)
    assert (first.from_colour, first.to_colour) == ("", "maize")
    assert (second.from_colour, second.to_colour) == ("maize", "blue")
    assert second.from_campaign_arn == first.to_campaign_arn


def test_swap_of_the_same_run_happens_once(rotation: Rotation) -> None:
    run, side = build(rotation)

    swaps = {live.swap(run=run, deployment=side, expected_version=0).pk for _ in range(3)}

    assert len(swaps) == Swap.objects.count() == 1
    assert live.pointer_version(rotation.key) == 1


def test_swap_by_a_holder_that_was_replaced_is_not_made(rotation: Rotation) -> None:
    run, side = build(rotation)
    RetrainRun.objects.update(fencing_token=7)

    with pytest.raises(LeaseLost):
        live.swap(run=run, deployment=side, expected_version=0)

    assert not LiveCampaign.objects.exists()


def test_swap_is_refused_where_the_pointer_moved(rotation: Rotation) -> None:
    swap_in(rotation)
    run, side = build(rotation)

    with pytest.raises(SwapRefused, match="from version 0 to 1"):
        live.swap(run=run, deployment=side, expected_version=0)


def test_swap_is_refused_to_a_side_without_a_campaign(rotation: Rotation) -> None:
    run, side = build(rotation)
    side.campaign_arn = ""

    with pytest.raises(SwapRefused, match="has no campaign"):
        live.swap(run=run, deployment=side, expected_version=0)


def test_swap_is_refused_to_the_side_that_is_live(rotation: Rotation) -> None:
    swap_in(rotation)
    run, _ = build(rotation)
    maize = Deployment.objects.get(colour="maize")

    with pytest.raises(SwapRefused, match="live already"):
        live.swap(run=run, deployment=maize, expected_version=1)


def test_roll_back_makes_the_old_side_live_again(rotation: Rotation) -> None:
    first = swap_in(rotation)
    swap_in(rotation)

    back = live.roll_back(rotation.key, actor="ann", reason="it shows the wrong shoes")

    view = live.live_campaign(rotation.key)
    assert view is not None
    assert (view.colour, view.campaign_arn, view.version) == ("maize", first.to_campaign_arn, 3)
    assert back.run is None
    assert dormant_colour(rotation) == "blue"


def test_roll_back_of_a_pointer_that_moved_since_is_refused(rotation: Rotation) -> None:
    swap_in(rotation)
    swap_in(rotation)
    seen = live.pointer_version(rotation.key)

    live.roll_back(rotation.key, actor="ann", reason="first click", expected_version=seen)

    with pytest.raises(SwapRefused, match="moved since"):
        live.roll_back(rotation.key, actor="ann", reason="second click", expected_version=seen)
    assert live.pointer_version(rotation.key) == seen + 1


def test_roll_back_is_refused_where_the_old_side_is_gone(rotation: Rotation) -> None:
    with pytest.raises(SwapRefused, match="Nothing is live"):
        live.roll_back(rotation.key, actor="ann", reason="it shows the wrong shoes")
    swap_in(rotation)
    with pytest.raises(SwapRefused, match="torn down"):
        live.roll_back(rotation.key, actor="ann", reason="it shows the wrong shoes")
    swap_in(rotation)
    RetrainRun.objects.filter(colour="maize").update(torn_down_at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(SwapRefused, match="torn down"):
        live.roll_back(rotation.key, actor="ann", reason="it shows the wrong shoes")


def test_live_campaign_is_read_once_in_a_while(rotation: Rotation, django_assert_num_queries: object) -> None:
    swap_in(rotation)
    live.live_campaign(rotation.key)

    with django_assert_num_queries(0):  # type: ignore[operator]
        for _ in range(100):
            live.live_campaign(rotation.key)


def test_live_campaign_outlives_the_database(rotation: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    made = swap_in(rotation)
    live.live_campaign(rotation.key)
    monkeypatch.setattr(live, "POINTER_TTL_S", 0.0)

    def down(*_: object, **__: object) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(LiveCampaign.objects, "select_related", down)

    view = live.live_campaign(rotation.key)
    assert view is not None
    assert view.campaign_arn == made.to_campaign_arn
    assert live.live_campaign("never-read") is None
