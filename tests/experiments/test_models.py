from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError
from pytest_django.fixtures import Settings
from waffle.testutils import override_flag

from experiments.assignment import Reason, assign
from experiments.models import Experiment, Flag, Phase, RampChange, Variation
from tests.experiments.conftest import FLAG, KEY


@pytest.mark.parametrize("field", [{"percent": 10}, {"testing": True}, {"rollout": True}, {"languages": "en"}])
def test_flag_cannot_be_drawn_or_forced(db: None, field: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="flag_is_never_drawn"):
        Flag.objects.create(name="wild", **field)


def test_flag_takes_the_projects_time(db: None, settings: Settings) -> None:
    moment = datetime(2011, 12, 9, 12, tzinfo=UTC)
    settings.CLOCK = lambda: moment

    flag = Flag.objects.create(name="old")

    assert (flag.created, flag.modified) == (moment, moment)


def test_waffles_own_test_helper_works(running: Experiment) -> None:
    with override_flag(FLAG, active=False):
        Flag(name=FLAG).flush()
        inside = assign(KEY, "shopper-1").reason

    assert inside == Reason.OFF


def test_experiment_has_one_open_phase(running: Experiment) -> None:
    with pytest.raises(IntegrityError, match="phase_one_open"):
        Phase.objects.create(experiment=running, number=2, coverage_bp=1, weights_bp=[])


@pytest.mark.parametrize(
    ("field", "constraint"),
    [
        ({"coverage_bp": 10_001}, "phase_coverage_bp_0_to_10000"),
        ({"coverage_bp": -1}, "coverage_bp_check"),
        ({"salt": "recommended-for-you"}, "phase_salt_128_bit_hex"),
    ],
)
def test_phase_keeps_its_invariants(experiment: Experiment, field: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        Phase.objects.create(**{"experiment": experiment, "number": 1, "coverage_bp": 1, "weights_bp": [], **field})


def test_phase_ends_after_its_start(running: Experiment) -> None:
    phase = Phase.objects.get()

    with pytest.raises(IntegrityError, match="phase_ends_after_start"):
        Phase.objects.update(ended_at=phase.started_at - timedelta(seconds=1))


@pytest.mark.parametrize(
    "field", [{"salt": "1" * 32}, {"weights_bp": [["control", 10_000]]}, {"number": 9}, {"started_at": None}]
)
def test_phase_allocation_never_changes(running: Experiment, field: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="keeps its number, salt, weights and start"):
        Phase.objects.update(**field)


def test_phase_that_ended_never_changes(running: Experiment) -> None:
    Phase.objects.update(ended_at=Phase.objects.get().started_at + timedelta(days=1))

    with pytest.raises(DatabaseError, match="has ended"):
        Phase.objects.update(ended_at=None)


def test_ramp_change_is_never_edited(running: Experiment) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"):
        RampChange.objects.update(reason="another story")


def test_ramp_change_is_never_removed(running: Experiment) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"):
        RampChange.objects.get().delete()


def test_variation_payload_is_an_object(experiment: Experiment) -> None:
    with pytest.raises(IntegrityError, match="variation_payload_is_object"):
        Variation.objects.update(payload=["popular"])


def test_experiment_has_one_control(experiment: Experiment) -> None:
    with pytest.raises(IntegrityError, match="variation_one_control"):
        Variation.objects.update(is_control=True)
