import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.controller import ACTOR, find_unattended
from experiments.definitions import ensure_experiment
from experiments.exceptions import IllegalRamp
from experiments.looks import explain
from experiments.models import Experiment, Flag, Phase, RampChange, Snapshot
from experiments.sources import RowHealth
from experiments.windows import Window, find_window
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.experiments.ramping import BEGINNING, HEALTHY, Ramp
from tests.experiments.waiting import wait_for_waiting
from tests.factories.experiments import plan_experiment
from tests.fakes.planted import SOURCE

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
STEPS = [
    {"seen_bp": 100, "hours": 24, "min_units": None, "needs_approval": False},
    {"seen_bp": 250, "hours": 24, "min_units": None, "needs_approval": False},
    {"seen_bp": 3000, "hours": 24, "min_units": None, "needs_approval": True},
]


@pytest.fixture(autouse=True)
def planted() -> Iterator[None]:
    SOURCE.reset()
    yield
    SOURCE.reset()


@pytest.fixture
def world(settings: Settings) -> Ramp:
    """No experiment yet; its time moves by hand."""
    found = Ramp(KEY)
    settings.CLOCK = lambda: found.now
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.planted.SOURCE"
    return found


def make_draft(**fields: Any) -> Experiment:
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    return plan_experiment(
        made, **{"steps": STEPS, "guardrails": [{"metric": "orders_per_shopper", "margin": 0.02}], **fields}
    )


@pytest.fixture
def draft(db: None, world: Ramp) -> Ramp:
    make_draft()
    return world


@pytest.fixture
def begun(draft: Ramp) -> Ramp:
    """A minute into its first step, healthy, with nobody exposed yet."""
    ramp.start(KEY, **WHO)
    draft.source.rows = {"control": HEALTHY, "treatment": HEALTHY}
    draft.pass_time(minutes=1)
    return draft


def test_tick_starts_what_is_due_and_nothing_earlier(draft: Ramp) -> None:
    ramp.schedule(KEY, at=BEGINNING + timedelta(hours=1), **WHO)

    early = draft.tick()
    draft.pass_time(hours=1, seconds=1)
    (started,) = draft.tick()

    assert early == []
    assert (started.actor, started.action, started.code, draft.status) == (ACTOR, "start", "schedule", "running")
    assert (draft.phase.coverage_bp, draft.phase.started_at) == (200, draft.now)


def test_tick_makes_a_draft_again_of_what_cannot_start_any_more(draft: Ramp) -> None:
    ramp.schedule(KEY, at=BEGINNING + timedelta(hours=1), **WHO)
    plan_experiment(draft.experiment, primary_metric="")
    draft.pass_time(hours=2)

    draft.tick()

    assert draft.status == "draft"
    assert "Primary metric is missing" in draft.newest.reason


def test_step_waits_for_its_time(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=23, minutes=58)

    early = begun.tick()
    begun.pass_time(minutes=1)
    (advanced,) = begun.tick()

    assert early == []
    assert (advanced.action, advanced.code, advanced.actor) == ("advance", "step", ACTOR)
    assert (advanced.old_coverage_bp, advanced.new_coverage_bp) == (200, 500)
    assert (begun.phase.step, begun.phase.step_started_at) == (1, begun.now)


def test_step_waits_for_its_sample_in_every_variation(begun: Ramp) -> None:
    begun.expose(control=120, treatment=99)
    begun.pass_time(hours=24)

    early = begun.tick()
    begun.expose(treatment=21)
    begun.pass_time(minutes=1)
    (advanced,) = begun.tick()

    assert early == []
    assert "120 units of 100 needed" in advanced.reason


def test_step_waits_for_the_number_that_the_plan_names(draft: Ramp) -> None:
    make_draft(steps=[{**STEPS[0], "min_units": 150}, STEPS[1]])
    ramp.start(KEY, **WHO)
    draft.source.rows = {"control": HEALTHY, "treatment": HEALTHY}
    draft.pass_time(minutes=1)
    draft.expose(control=149, treatment=149)
    draft.pass_time(hours=24)

    early = draft.tick()
    draft.expose(control=1, treatment=1)
    draft.pass_time(minutes=1)

    assert early == []
    assert len(draft.tick()) == 1


def test_late_tick_goes_one_step_at_most(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(days=9)

    first, second = begun.tick(), begun.tick()

    assert [change.action for change in first] == ["advance"]
    assert second == []
    assert begun.phase.step == 1


def test_approval_is_never_skipped(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=24)
    begun.tick()
    begun.expose(control=4000, treatment=4000)
    begun.pass_time(days=9)

    waiting = begun.tick()
    ramp.approve_step(KEY, actor="bob", reason="looks well")
    begun.pass_time(minutes=1)
    (advanced,) = begun.tick()

    assert waiting == []
    assert (advanced.new_coverage_bp, begun.phase.step) == (6000, 2)


def test_share_that_was_lowered_by_hand_rises_only_once_a_person_says_so(begun: Ramp) -> None:
    begun.expose(control=4000, treatment=4000)
    begun.pass_time(hours=24)
    begun.tick()
    ramp.set_coverage(KEY, coverage_bp=200, **WHO)
    begun.pass_time(days=3)

    waiting = begun.tick()
    (told,) = explain(begun.phase, begun.now).waits
    ramp.approve_step(KEY, **WHO)
    (advanced,) = begun.tick()

    assert waiting == []
    assert told == "until somebody approves the step, since the share was lowered by hand"
    assert (advanced.action, advanced.new_coverage_bp) == ("advance", 500)


@pytest.mark.parametrize("service", [ramp.resume, ramp.set_coverage])
def test_ramp_that_was_lowered_goes_on_by_itself_after_a_person_s_word(
    begun: Ramp, service: Callable[..., Any]
) -> None:
    begun.expose(control=4000, treatment=4000)
    ramp.set_coverage(KEY, coverage_bp=300, **WHO)
    ramp.set_coverage(KEY, coverage_bp=200, **WHO)
    if service is ramp.resume:
        ramp.hold(KEY, **WHO)
    service(KEY, **({"coverage_bp": 210} if service is ramp.set_coverage else {}), **WHO)
    begun.pass_time(hours=24)

    (advanced,) = begun.tick()

    assert (advanced.action, advanced.new_coverage_bp) == ("advance", 500)


def test_share_below_the_first_step_stays_where_it_is(begun: Ramp) -> None:
    begun.expose(control=4000, treatment=4000)
    ramp.set_coverage(KEY, coverage_bp=100, **WHO)
    ramp.approve_step(KEY, **WHO)
    begun.pass_time(days=3)

    waiting = begun.tick()
    (told,) = explain(begun.phase, begun.now).waits
    ramp.set_coverage(KEY, coverage_bp=200, **WHO)
    begun.pass_time(days=1)
    (advanced,) = begun.tick()

    assert (waiting, begun.phase.step) == ([], 1)
    assert told == "until somebody sets the share of a step; 1% in the test is below the first step"
    assert advanced.new_coverage_bp == 500


def test_approval_does_not_outlive_a_roll_back(begun: Ramp) -> None:
    begun.expose(control=4000, treatment=4000)
    begun.pass_time(hours=24)
    begun.tick()
    ramp.approve_step(KEY, **WHO)
    ramp.roll_back(KEY, **WHO)
    ramp.reopen(KEY, coverage_bp=500, **WHO)
    begun.pass_time(days=2)

    waiting = begun.tick()

    assert (waiting, begun.phase.step) == ([], 1)


def test_sample_ratio_mismatch_holds(begun: Ramp) -> None:
    begun.expose(control=1200, treatment=900)

    (held,) = begun.tick()

    assert (held.action, held.code, begun.status) == ("hold", "srm", "held")
    assert held.facts["p"] < held.facts["limit"] == 0.001
    assert "control 1200 of 1050 expected" in held.reason
    assert begun.phase.coverage_bp == 200


@pytest.mark.parametrize(("n_crossover", "holds"), [(9, False), (20, False), (21, True)])
def test_crossover_beyond_one_percent_holds(begun: Ramp, n_crossover: int, holds: bool) -> None:
    begun.expose(control=1000, treatment=1000, n_crossover=n_crossover)

    changes = begun.tick()

    assert [change.code for change in changes] == (["crossover"] if holds else [])


def test_no_traffic_for_a_day_holds(begun: Ramp) -> None:
    begun.expose(control=50, treatment=50)
    begun.source.rows = {}
    begun.pass_time(hours=23, minutes=59)

    early = begun.tick()
    begun.pass_time(minutes=1)
    (held,) = begun.tick()

    assert early == []
    assert (held.code, begun.status) == ("no_traffic", "held")


def test_lists_that_are_served_are_traffic_too(begun: Ramp) -> None:
    begun.pass_time(days=3)

    changes = begun.tick()

    assert (changes, begun.status) == ([], "running")


def test_flag_that_was_switched_on_elsewhere_holds_and_stays_on_until_resumed(
    begun: Ramp, set_everyone: Callable[[bool | None], None]
) -> None:
    set_everyone(True)

    (held,) = begun.tick()
    begun.pass_time(minutes=1)
    again = begun.tick()
    left = Flag.objects.get(name=FLAG).everyone
    ramp.resume(KEY, **WHO)

    assert (held.action, held.code, again, left) == ("hold", "flag_overruled", [], True)
    assert Flag.objects.get(name=FLAG).everyone is None
    assert begun.tick() == []


@pytest.mark.parametrize("is_held", [False, True])
def test_flag_that_was_switched_off_elsewhere_rolls_back_and_stays_off(
    begun: Ramp, set_everyone: Callable[[bool | None], None], is_held: bool
) -> None:
    if is_held:
        ramp.hold(KEY, **WHO)
    set_everyone(False)

    (rolled_back,) = begun.tick()
    begun.pass_time(minutes=1)

    assert (rolled_back.action, rolled_back.code, begun.status) == ("roll_back", "flag_overruled", "rolled_back")
    assert begun.tick() == []
    assert Flag.objects.get(name=FLAG).everyone is False


@pytest.mark.parametrize("everyone", [True, False])
def test_holding_and_approving_leave_a_flag_as_somebody_switched_it(
    begun: Ramp, set_everyone: Callable[[bool | None], None], everyone: bool
) -> None:
    set_everyone(everyone)

    ramp.approve_step(KEY, **WHO)
    ramp.hold(KEY, **WHO)

    assert Flag.objects.get(name=FLAG).everyone is everyone


def test_flag_that_is_switched_off_during_a_look_stops_the_step(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=24)
    begun.source.meanwhile = lambda _phase: Flag.objects.filter(name=FLAG).update(everyone=False)

    during = begun.tick()
    begun.pass_time(minutes=1)
    (rolled_back,) = begun.tick()

    assert (during, rolled_back.action) == ([], "roll_back")
    assert Flag.objects.get(name=FLAG).everyone is False


@pytest.mark.parametrize("everyone", [True, False])
def test_scheduled_start_does_not_overrule_a_flag_that_was_switched(
    draft: Ramp, set_everyone: Callable[[bool | None], None], everyone: bool
) -> None:
    ramp.schedule(KEY, at=BEGINNING + timedelta(hours=1), **WHO)
    set_everyone(everyone)
    draft.pass_time(hours=2)

    (stopped,) = draft.tick()

    assert (stopped.action, stopped.code, draft.status) == ("stop", "flag_overruled", "draft")


def test_event_lag_waits_and_passes_by_itself(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=24)
    begun.source.complete_until = begun.now - timedelta(minutes=16)

    waiting = begun.tick()
    begun.source.complete_until = begun.now
    begun.pass_time(minutes=1)
    (advanced,) = begun.tick()

    assert waiting == []
    assert (advanced.action, begun.status) == ("advance", "running")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (RowHealth(n=2000, errors=60, fallback=0, p95_ms=80.0), "row_errors"),
        (RowHealth(n=2000, errors=0, fallback=600, p95_ms=80.0), "row_fallback"),
        (RowHealth(n=500, errors=0, fallback=0, p95_ms=300.0, slow=60), "row_latency"),
    ],
)
def test_row_beyond_its_limit_is_rolled_back(begun: Ramp, row: RowHealth, code: str) -> None:
    begun.source.rows["treatment"] = row

    (rolled_back,) = begun.tick()

    assert (rolled_back.action, rolled_back.code, begun.status) == ("roll_back", code, "rolled_back")
    assert (begun.phase.coverage_bp, Flag.objects.get(name=FLAG).everyone) == (0, False)
    assert "the limit is" in rolled_back.reason


@pytest.mark.parametrize(
    "row",
    [
        RowHealth(n=2000, errors=20, fallback=300, p95_ms=251.0, slow=102),
        RowHealth(n=20, errors=2, fallback=6, p95_ms=900.0, slow=3),
        RowHealth(n=0, errors=0, fallback=0, p95_ms=None),
    ],
)
def test_row_within_its_limits_or_too_young_to_tell_goes_on(begun: Ramp, row: RowHealth) -> None:
    begun.source.rows["treatment"] = row

    assert begun.tick() == []


def test_row_limits_of_the_plan_count(draft: Ramp) -> None:
    make_draft(row_limits={"p95_ms": 70})
    ramp.start(KEY, **WHO)
    draft.source.rows = {"control": HEALTHY, "treatment": RowHealth(n=500, errors=0, fallback=0, p95_ms=80.0, slow=60)}

    (rolled_back,) = draft.tick()

    assert (rolled_back.code, rolled_back.facts["limit"]) == ("row_latency", 70)
    assert draft.source.asked_slow_ms == {70.0}


def test_row_is_counted_in_windows_of_a_day_that_only_a_reopening_begins_anew(begun: Ramp) -> None:
    begun.pass_time(days=3, hours=5)
    begun.tick()
    ramp.hold(KEY, **WHO)
    ramp.resume(KEY, **WHO)

    third = find_window(begun.phase, begun.now)
    ramp.roll_back(KEY, **WHO)
    ramp.reopen(KEY, **WHO)
    begun.pass_time(hours=1)
    reopened = find_window(begun.phase, begun.now)
    begun.pass_time(days=1)

    assert third == Window(3, BEGINNING + timedelta(days=3))
    assert reopened == Window(3, begun.now - timedelta(days=1, hours=1))
    assert find_window(begun.phase, begun.now) == Window(4, BEGINNING + timedelta(days=4))


def test_traffic_of_the_day_before_counts_where_a_window_has_just_begun(begun: Ramp) -> None:
    begun.expose(control=50, treatment=50)
    begun.source.rows, begun.source.rows_of_a_day = {}, {"treatment": HEALTHY}
    begun.pass_time(days=2)

    quiet = begun.tick()
    begun.source.rows_of_a_day = {}
    begun.pass_time(minutes=1)
    (held,) = begun.tick()

    assert (quiet, held.code) == ([], "no_traffic")


def test_guardrail_metric_that_is_harmed_is_rolled_back_and_not_reopened(begun: Ramp) -> None:
    begun.source.orders = {"control": 0.5, "treatment": 0.3}
    begun.expose(control=600, treatment=600)

    (rolled_back,) = begun.tick()

    assert (rolled_back.code, begun.status) == ("guardrail", "rolled_back")
    assert rolled_back.facts["p"] < rolled_back.facts["level"] < 0.05
    assert "Orders per shopper" in rolled_back.reason
    with pytest.raises(IllegalRamp, match="would do so again"):
        ramp.reopen(KEY, **WHO)


@pytest.mark.parametrize(("treatment_ms", "status"), [(110.0, "running"), (130.0, "rolled_back")])
def test_latency_has_its_margin(draft: Ramp, treatment_ms: float, status: str) -> None:
    make_draft(guardrails=[{"metric": "page_latency", "margin": 0.15}])
    ramp.start(KEY, **WHO)
    draft.source.rows = {"control": HEALTHY, "treatment": HEALTHY}
    draft.source.latency_ms = {"control": 100.0, "treatment": treatment_ms}
    draft.pass_time(minutes=1)
    draft.expose(control=900, treatment=900)

    draft.tick()

    assert draft.status == status


def test_guardrail_that_nobody_computes_holds(begun: Ramp) -> None:
    begun.source.metrics = begun.source.metrics[1:]

    (held,) = begun.tick()

    assert (held.code, begun.status) == ("guardrail_missing", "held")


def test_held_ramp_does_not_advance_and_is_still_guarded(begun: Ramp) -> None:
    begun.expose(control=600, treatment=600)
    ramp.hold(KEY, **WHO)
    begun.pass_time(days=2)

    waiting = begun.tick()
    begun.source.orders = {"control": 0.5, "treatment": 0.3}
    begun.expose(control=600, treatment=600)
    begun.pass_time(minutes=1)
    (rolled_back,) = begun.tick()

    assert waiting == []
    assert rolled_back.old_state == "held"
    assert begun.status == "rolled_back"


@pytest.mark.parametrize("is_held", [False, True])
def test_planned_end_completes_and_freezes(begun: Ramp, is_held: bool) -> None:
    begun.expose(control=200, treatment=200)
    if is_held:
        ramp.hold(KEY, **WHO)
    phase = begun.phase
    begun.pass_time(days=28)

    (completed,) = begun.tick()

    assert (completed.action, completed.code, begun.status) == ("complete", "planned_end", "completed")
    final = Snapshot.objects.get(phase=phase, is_final=True)
    assert final.n_units == {"control": 200, "treatment": 200}
    assert Flag.objects.get(name=FLAG).everyone is None


def test_planned_end_of_a_ramp_that_broke_meanwhile_rolls_back(begun: Ramp) -> None:
    begun.source.rows["treatment"] = RowHealth(n=2000, errors=200, fallback=0, p95_ms=80.0)
    begun.pass_time(days=28)

    (rolled_back,) = begun.tick()

    assert rolled_back.code == "row_errors"


def test_result_of_a_phase_that_a_person_ended_is_frozen_too(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    ended = begun.phase
    ramp.stop(KEY, **WHO)
    begun.pass_time(minutes=1)

    begun.tick()
    begun.tick()

    assert Snapshot.objects.get(phase=ended, is_final=True).total_units == 400


def test_frozen_result_waits_for_events_on_their_way_but_not_for_ever(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=1)
    ramp.complete(KEY, **WHO)
    begun.source.complete_until = begun.now - timedelta(minutes=2)
    begun.pass_time(hours=23, minutes=59)

    begun.tick()
    is_early = Snapshot.objects.filter(is_final=True).exists()
    begun.pass_time(minutes=1)
    begun.tick()

    assert not is_early
    assert Snapshot.objects.get(is_final=True).is_incomplete


def test_frozen_result_is_complete_once_its_late_events_have_come(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    ended = begun.now
    ramp.complete(KEY, **WHO)
    begun.source.complete_until = ended - timedelta(hours=1)
    begun.pass_time(hours=5)

    begun.tick()
    is_early = Snapshot.objects.filter(is_final=True).exists()
    begun.source.complete_until = ended
    begun.tick()

    final = Snapshot.objects.get(is_final=True)
    assert (is_early, final.taken_at, final.watermark_at, final.is_incomplete) == (False, ended, ended, False)


def test_result_that_cannot_be_frozen_keeps_no_other_waiting(begun: Ramp, caplog: pytest.LogCaptureFixture) -> None:
    first = begun.phase.pk
    ramp.stop(KEY, **WHO)
    ramp.start(KEY, **WHO)
    begun.pass_time(minutes=1)
    broken = begun.phase.pk
    ramp.complete(KEY, **WHO)

    def fail(phase_id: int) -> None:
        if phase_id == broken:
            raise RuntimeError("no such view")

    begun.source.meanwhile = fail

    begun.tick()

    assert [snapshot.phase_id for snapshot in Snapshot.objects.filter(is_final=True)] == [first]
    assert "could not be frozen" in caplog.text


def test_person_who_was_faster_wins(begun: Ramp) -> None:
    begun.expose(control=200, treatment=200)
    begun.pass_time(hours=24)
    begun.source.meanwhile = lambda _phase: ramp.hold(KEY, actor="bob", reason="odd figures")

    changes = begun.tick()

    assert (changes, begun.status, begun.phase.step) == ([], "held", 0)


def test_tick_that_cannot_look_at_one_goes_on_with_the_others(begun: Ramp, caplog: pytest.LogCaptureFixture) -> None:
    broken = begun.phase.pk
    other = ensure_experiment(key="other", name="Other", flag_name="other", variations=VARIATIONS)
    plan_experiment(other, planned_end_at=begun.now + timedelta(hours=1))
    ramp.start("other", **WHO)

    def fail(phase_id: int) -> None:
        if phase_id == broken:
            raise RuntimeError("no such view")

    begun.source.meanwhile = fail
    begun.pass_time(hours=1)

    (completed,) = begun.tick()

    assert completed.experiment.key == "other"
    assert "could not be looked at" in caplog.text


def test_unattended_are_those_that_the_controller_stopped(begun: Ramp) -> None:
    begun.expose(control=1200, treatment=900)
    begun.tick()

    stopped = find_unattended()
    ramp.roll_back(KEY, **WHO)

    assert [change.code for change in stopped] == ["srm"]
    assert find_unattended() == []


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_make_one_change(world: Ramp) -> None:
    make_draft()
    ramp.start(KEY, **WHO)
    world.source.rows = {"control": HEALTHY, "treatment": HEALTHY}
    world.pass_time(minutes=1)
    world.expose(control=200, treatment=200)
    world.pass_time(hours=24)
    made: list[list[RampChange]] = []

    def run() -> None:
        try:
            made.append(world.tick())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    with transaction.atomic():
        Experiment.objects.select_for_update().get(key=KEY)
        for thread in threads:
            thread.start()
        # Both have looked and decided before either may act.
        wait_for_waiting(2)
    for thread in threads:
        thread.join(30)

    assert sorted(map(len, made)) == [0, 1]
    assert (Phase.objects.get().step, RampChange.objects.count()) == (1, 2)
