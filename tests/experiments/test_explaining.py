import random
from types import SimpleNamespace
from typing import Any

import pytest

from experiments import ramp
from experiments.assignment import Reason, assign
from experiments.bucketing import ARM_SCOPE, ENROL_SCOPE, bucket
from experiments.explaining import Stage, Subject, explain
from experiments.models import Experiment, Flag, Holdout, Layer
from experiments.testutils import reset_snapshot
from tests.experiments.conftest import FLAG, KEY
from tests.factories.experiments import plan_experiment

pytestmark = pytest.mark.django_db

STAFF: Any = SimpleNamespace(pk=1, is_authenticated=True, is_staff=True)


@pytest.fixture
def crowded(experiment: Experiment) -> Experiment:
    """Behind a rule, a holdout and a layer, at a coverage of 40%, with staff on the flag."""
    layer = Layer.objects.create(key="homepage", name="Homepage")
    Holdout.objects.create(key="winter", name="Winter", share_bp=1000)
    rules = [{"attribute": "device", "is": ["phone"]}]
    plan_experiment(experiment, layer=layer, layer_start=1000, layer_stop=9000, eligibility=rules)
    Flag.objects.filter(name=FLAG).update(staff=True)
    ramp.start(KEY, coverage_bp=4000, actor="ann", reason="canary")
    reset_snapshot()
    return experiment


def draw_subject(rng: random.Random) -> Subject:
    return Subject(
        unit="" if rng.random() < 0.02 else f"shopper-{rng.randrange(10**9)}",
        user=STAFF if rng.random() < 0.05 else None,
        is_bot=rng.random() < 0.05,
        has_consent=rng.random() < 0.95,
        attributes={"device": rng.choice(["phone", "phone", "desktop"])},
        forced=rng.choice([None] * 18 + ["treatment", "unknown"]),
    )


def test_explanation_ends_where_assignment_decides(crowded: Experiment) -> None:
    rng = random.Random(4)
    reasons = set()

    for subject in (draw_subject(rng) for _ in range(4000)):
        told = explain(KEY, subject)
        decided = assign(
            KEY,
            subject.unit,
            user=subject.user,
            is_bot=subject.is_bot,
            has_consent=subject.has_consent,
            attributes=subject.attributes,
            forced=subject.forced,
        )

        assert told.assignment == decided
        assert told.lines[-1].ends_as is decided.reason
        assert all(line.ends_as is None for line in told.lines[:-1])
        if decided.reason is Reason.IN_PHASE:
            assert told.lines[-1].answer.startswith(f"{decided.variation}.")
        reasons.add(decided.reason)
    assert reasons == set(Reason) - {Reason.OFF, Reason.SHIPPED}


def test_explanation_shows_buckets_against_their_limits(running: Experiment) -> None:
    phase = running.phases.get()
    unit = next(f"u{n}" for n in range(1000) if bucket(phase.salt, ENROL_SCOPE, f"u{n}") < 6000)

    lines = {line.stage: line for line in explain(KEY, Subject(unit)).lines}

    enrolment, variation = lines[Stage.ENROLMENT].place, lines[Stage.VARIATION].place
    assert enrolment is not None
    assert variation is not None
    assert (enrolment.bucket, enrolment.start, enrolment.stop) == (bucket(phase.salt, ENROL_SCOPE, unit), 0, 6000)
    assert variation.bucket == bucket(phase.salt, ARM_SCOPE, unit)
    assert variation.width == 5000


@pytest.mark.parametrize(("everyone", "reason"), [(True, Reason.SHIPPED), (False, Reason.OFF)])
def test_explanation_of_a_flag_that_overrules_stops_at_it(running: Experiment, everyone: bool, reason: Reason) -> None:
    Flag.objects.filter(name=FLAG).update(everyone=everyone)
    reset_snapshot()

    told = explain(KEY, Subject("u"))

    assert [(line.stage, line.ends_as) for line in told.lines] == [(Stage.FLAG, reason)]


@pytest.mark.parametrize("key", [KEY, "unknown"])
def test_explanation_without_a_phase_says_off(experiment: Experiment, key: str) -> None:
    told = explain(key, Subject("u"))

    assert told.assignment.reason is Reason.OFF
    assert [line.ends_as for line in told.lines] == [Reason.OFF]
