"""What people ask: each once, each explained, each with its audit row."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters import registry
from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.embedded.training import train_next
from recommendations.exceptions import IllegalTransition, InvalidInput, LeaseLost, SwapRefused
from recommendations.models import DatasetGroup, Deployment, LiveCampaign, RetrainAction, RetrainRun, SolutionVersion
from recommendations.pipeline.context import Waiting
from recommendations.pipeline.control import abandon_run, request_retrain, roll_back, rollback_until
from recommendations.pipeline.nights import next_night_at
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import active_run, ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from storefront.clock import Clock
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

ASKED = {"actor": "ann", "reason": "the window was wrong"}


@pytest.fixture
def billing(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Iterator[Clock]:
    """The embedded backend as if it cost money, and a clock to move."""
    monkeypatch.setitem(registry.BACKENDS, "embedded", replace(EMBEDDED, bills=True))
    before = settings.CLOCK
    settings.CLOCK = Clock(tmp_path / "clock.json")
    yield settings.CLOCK
    settings.CLOCK = before


def pass_time(clock: Clock, span: timedelta) -> None:
    clock.set(clock.now() + span)


def test_request_twice_gives_the_same_run_and_two_audit_rows() -> None:
    ensure_default_rotation()

    runs = {request_retrain("home", **ASKED).pk for _ in range(2)}

    assert len(runs) == 1
    actions = RetrainAction.objects.all()
    assert [(each.kind, each.run_id, each.actor, each.reason) for each in actions] == [
        ("request", runs.copy().pop(), "ann", "the window was wrong")
    ] * 2


@pytest.mark.parametrize(("actor", "reason"), [("", "because"), ("ann", "  "), ("ann", "x" * 501)])
def test_request_without_a_name_or_a_reason_is_refused(actor: str, reason: str) -> None:
    ensure_default_rotation()

    with pytest.raises(InvalidInput, match=r"actor|reason"):
        request_retrain("home", actor=actor, reason=reason)

    assert not RetrainRun.objects.exists()


def test_abandon_fences_out_whoever_works_on_the_run() -> None:
    run = start_run(ensure_default_rotation())

    with hold_run(run) as held:
        abandoned = abandon_run(run, **ASKED)
        with pytest.raises(LeaseLost):
            advance(held)

    assert abandoned.status == RetrainStatus.ABANDONED
    assert active_run(run.rotation) is None
    assert not DatasetGroup.objects.exists()
    assert RetrainAction.objects.get().kind == RetrainAction.Kind.ABANDON
    with pytest.raises(IllegalTransition):
        abandon_run(run, **ASKED)


def test_abandon_stops_the_training() -> None:
    make_past()
    run = advance_to(RetrainStatus.TRAIN)
    with hold_run(run) as held:
        assert isinstance(advance(held), Waiting)
    seen: list[float] = []

    def abandon(share: float, note: str) -> None:
        if not seen:
            abandon_run(run, **ASKED)
        seen.append(share)

    train_next(progress=abandon)

    version = SolutionVersion.objects.get()
    assert (version.status, version.artifact_path) == ("CREATE STOPPED", "")
    assert max(seen) < 1.0
    assert list((conf.artifacts_dir() / run.resource_name / "versions").glob("*")) == []


def test_roll_back_is_possible_until_the_next_night() -> None:
    make_past()
    retrain()
    alone = rollback_until("home")
    retrain()

    until = rollback_until("home")
    swap = roll_back("home", actor="ann", reason="the window was wrong")

    assert alone is None
    assert until == next_night_at()
    assert LiveCampaign.objects.get().deployment.colour == "maize"
    assert (swap.actor, swap.reason, swap.run) == ("ann", "the window was wrong", None)
    action = RetrainAction.objects.get(kind=RetrainAction.Kind.ROLL_BACK)
    assert (action.swap, action.actor) == (swap, "ann")


def test_roll_back_is_refused_once_the_next_run_has_begun_on_that_side() -> None:
    make_past()
    retrain()
    retrain()
    advance_to(RetrainStatus.HEARTBEAT)
    assert Deployment.objects.get(colour="maize").campaign_arn

    with pytest.raises(SwapRefused, match="torn down"):
        roll_back("home", actor="ann", reason="the window was wrong")

    assert rollback_until("home") is None
    assert LiveCampaign.objects.get().deployment.colour == "blue"


def test_backend_that_bills_keeps_the_old_side_for_the_drain_alone(billing: Clock) -> None:
    make_past()
    pass_time(billing, timedelta(0))
    retrain_and_drain(billing)
    run = advance_to(RetrainStatus.DRAIN)

    until = rollback_until("home")
    with hold_run(run) as held:
        early = advance(held)
        pass_time(billing, timedelta(seconds=conf.drain_s() + 1))
        advance(held)
        advance(held)

    swapped_at = LiveCampaign.objects.get().swapped_at
    assert isinstance(early, Waiting)
    assert until == swapped_at + timedelta(seconds=conf.drain_s())
    assert RetrainRun.objects.get(pk=run.pk).status == RetrainStatus.SUCCEEDED
    assert [group.name for group in DatasetGroup.objects.all()] == [run.resource_name]
    assert rollback_until("home") is None


def test_roll_back_during_the_drain_tears_down_the_new_side_instead(billing: Clock) -> None:
    make_past()
    pass_time(billing, timedelta(0))
    first = retrain_and_drain(billing)
    run = advance_to(RetrainStatus.DRAIN)
    roll_back("home", actor="ann", reason="the window was wrong")

    pass_time(billing, timedelta(seconds=conf.drain_s() + 1))
    advance_to(RetrainStatus.SUCCEEDED)

    run.refresh_from_db()
    assert run.torn_down_at is not None
    assert LiveCampaign.objects.get().deployment.colour == first.colour
    assert [group.name for group in DatasetGroup.objects.all()] == [first.resource_name]


def retrain_and_drain(clock: Clock) -> RetrainRun:
    advance_to(RetrainStatus.DRAIN)
    pass_time(clock, timedelta(seconds=conf.drain_s() + 1))
    return advance_to(RetrainStatus.SUCCEEDED)
