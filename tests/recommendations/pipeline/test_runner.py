"""The runner: every step safe to repeat, every failure explained, the live campaign never touched by either."""

from collections.abc import Callable

import pytest

from recommendations.exceptions import BackendUnavailable, LeaseLost
from recommendations.leases import current_holder
from recommendations.models import (
    Campaign,
    DatasetGroup,
    Deployment,
    EventTracker,
    LiveCampaign,
    RetrainRun,
    SolutionVersion,
    StepAttempt,
    Swap,
)
from recommendations.pipeline import runner
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.control import abandon_run
from recommendations.pipeline.helping import help_along
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import AFTER_SWAP, STEPS, RetrainStatus
from recommendations.serving.live import live_campaign
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def replace_step(
    monkeypatch: pytest.MonkeyPatch, status: RetrainStatus, step: Callable[[StepContext], Outcome]
) -> None:
    monkeypatch.setattr(runner, "STEPS", {**runner.STEPS, status: step})


def events_of(run: RetrainRun) -> list[tuple[str, str]]:
    return list(run.attempts.exclude(event="waiting").values_list("step", "event"))


def test_retrain_goes_through_every_step_once() -> None:
    make_past()

    run = retrain()

    assert events_of(run) == [(step.value, event) for step in STEPS for event in ("started", "done")]
    assert run.finished_at is not None
    side = Deployment.objects.get(colour=run.colour)
    view = live_campaign("home")
    assert view is not None
    assert (view.campaign_arn, view.colour) == (side.campaign_arn, "maize")
    assert side.watermark_at == run.watermark_at
    assert side.metrics["splits"] == run.report["evaluate"]["splits"]
    assert {split["split"] for split in side.metrics["splits"]} == {"held-out users", "next basket"}


def test_retrain_alternates_and_keeps_exactly_one_old_side() -> None:
    make_past()

    colours = [retrain().colour for _ in range(4)]

    assert colours == ["maize", "blue", "maize", "blue"]
    assert set(DatasetGroup.objects.values_list("name", flat=True)) == {
        run.resource_name for run in RetrainRun.objects.filter(torn_down_at__isnull=True)
    }
    assert Campaign.objects.count() == DatasetGroup.objects.count() == 2


@pytest.mark.parametrize("status", STEPS)
def test_step_repeated_changes_nothing(status: RetrainStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    retrain()
    step = runner.STEPS[status]

    def twice(context: StepContext) -> Outcome:
        first = step(context)
        second = step(context)
        assert type(first) is type(second)
        return second

    replace_step(monkeypatch, status, twice)

    run = retrain()

    assert run.colour == "blue"
    assert Swap.objects.filter(run=run).count() == 1
    for model in (DatasetGroup, EventTracker, SolutionVersion, Campaign):
        assert model._default_manager.count() == 2


@pytest.mark.parametrize("status", [step for step in STEPS if step not in AFTER_SWAP])
def test_failure_at_a_step_leaves_the_live_campaign(status: RetrainStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    retrain()
    before = LiveCampaign.objects.get()
    with monkeypatch.context() as patched:
        replace_step(patched, status, lambda context: Failed("the reason", "the fix"))

        run = advance_to(RetrainStatus.FAILED)

    after = LiveCampaign.objects.get()
    assert (after.campaign_arn, after.version) == (before.campaign_arn, before.version)
    assert (run.failure_step, run.failure_reason, run.failure_fix) == (status.value, "the reason", "the fix")
    assert retrain().colour == "blue"
    assert DatasetGroup.objects.count() == 2


@pytest.mark.parametrize("status", sorted(AFTER_SWAP))
def test_failure_after_the_swap_leaves_the_new_campaign(status: RetrainStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    retrain()
    with monkeypatch.context() as patched:
        replace_step(patched, status, lambda context: Failed("the reason", "the fix"))

        run = advance_to(RetrainStatus.FAILED)

    assert LiveCampaign.objects.get().deployment.colour == run.colour == "blue"
    assert retrain().colour == "maize"
    assert DatasetGroup.objects.count() == 2


def test_step_that_keeps_killing_its_process_is_given_up() -> None:
    run = start_run(ensure_default_rotation())
    RetrainRun.objects.update(n_deaths=runner.MAX_DEATHS + 1)

    with hold_run(run) as held:
        outcome = advance(held)

    assert isinstance(outcome, Failed)
    assert outcome.reason == f"{runner.MAX_DEATHS + 1} processes in a row died at this step."


def test_step_taken_over_from_the_dead_says_so_and_forgets_them_once_it_is_done() -> None:
    run = start_run(ensure_default_rotation())
    with hold_run(run) as held:
        advance(held)
    RetrainRun.objects.update(status="export", holder="elsewhere|1|1|1", lease_expires_at=None)

    with hold_run(run) as held:
        assert held.run.n_deaths == 1
        advance(held)
        started = StepAttempt.objects.filter(step="export", event="started")

    assert [attempt.fencing_token for attempt in started] == [held.run.fencing_token]


def test_unexpected_error_fails_the_run_and_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(context: StepContext) -> Outcome:
        raise ZeroDivisionError("by nobody")

    replace_step(monkeypatch, RetrainStatus.PROVISION, broken)

    run = advance_to(RetrainStatus.FAILED)

    assert run.failure_reason == "Unexpected ZeroDivisionError: by nobody"
    assert "manage.py retrain home" in run.failure_fix


def test_passing_error_is_borne_and_a_lasting_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(context: StepContext) -> Outcome:
        raise BackendUnavailable("come back later")

    replace_step(monkeypatch, RetrainStatus.PROVISION, unavailable)
    with hold_run(start_run(ensure_default_rotation())) as held:
        answers = [advance(held) for _ in range(runner.MAX_RETRIES + 1)]

    assert [type(answer) for answer in answers] == [Waiting] * runner.MAX_RETRIES + [Failed]
    assert all(isinstance(answer, Waiting) and answer.is_retry for answer in answers[:-1])


def test_outcome_of_a_holder_that_was_replaced_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(context: StepContext) -> Outcome:
        RetrainRun.objects.update(holder="elsewhere|1|1|1", fencing_token=77)
        return Done("too late", deployment={"campaign_arn": "arn:stale"})

    replace_step(monkeypatch, RetrainStatus.PROVISION, lose)

    with pytest.raises(LeaseLost), hold_run(start_run(ensure_default_rotation())) as held:
        advance(held)

    assert RetrainRun.objects.get().status == RetrainStatus.PROVISION
    assert not Deployment.objects.exclude(campaign_arn="").exists()


def test_waiting_is_recorded_once_for_each_thing_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_step(monkeypatch, RetrainStatus.PROVISION, lambda context: Waiting("the backend is busy"))
    with hold_run(start_run(ensure_default_rotation())) as held:
        for _ in range(5):
            advance(held)

    assert list(StepAttempt.objects.values_list("event", flat=True)) == ["started", "waiting"]
    assert StepAttempt.objects.first().holder == current_holder()  # type: ignore[union-attr]


def test_abandoned_run_leaves_no_orphan() -> None:
    make_past()
    run = advance_to(RetrainStatus.DEPLOY)
    abandon_run(run, actor="ann", reason="a wrong window")

    retrain()

    run.refresh_from_db()
    assert run.torn_down_at is not None
    assert DatasetGroup.objects.count() == 1


def test_help_along_trains_what_a_run_waits_for() -> None:
    make_past()
    run = advance_to(RetrainStatus.TRAIN)
    with hold_run(run) as held:
        assert isinstance(advance(held), Waiting)

        assert help_along(held.run)

        assert isinstance(advance(held), Done)
