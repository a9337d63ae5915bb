from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from experiments import exposures
from experiments.assignment import Assignment, Reason
from experiments.exposures import Exposed
from experiments.models import Experiment, Exposure, Phase, UnitLink
from tests.experiments.conftest import KEY

AT = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def alone(settings: Settings) -> Iterator[None]:
    """The app stands alone: exposures are inserted at once."""
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"
    exposures.memory.clear()
    yield
    exposures.memory.clear()


@pytest.fixture
def phase(running: Experiment) -> Phase:
    return running.phases.get()


def assigned(phase: Phase, variation: str = "treatment", reason: Reason = Reason.IN_PHASE) -> Assignment:
    return Assignment(KEY, phase.number, variation, {}, reason, is_control=False, phase_id=phase.pk)


def test_first_exposure_of_a_unit_counts(phase: Phase) -> None:
    exposures.insert([Exposed("u1", phase.pk, "treatment", AT, attributes={"device": "phone"})])

    exposures.insert([Exposed("u1", phase.pk, "treatment", AT + timedelta(days=1), attributes={"device": "desktop"})])

    held = Exposure.objects.get()
    assert (held.first_at, held.attributes, held.is_crossover) == (AT, {"device": "phone"}, False)


def test_earlier_exposure_that_comes_late_is_the_first(phase: Phase) -> None:
    exposures.insert([Exposed("u1", phase.pk, "treatment", AT, attributes={"device": "phone"})])

    exposures.insert([Exposed("u1", phase.pk, "treatment", AT - timedelta(days=1), attributes={"device": "desktop"})])

    held = Exposure.objects.get()
    assert (held.first_at, held.attributes) == (AT - timedelta(days=1), {"device": "desktop"})


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_second_variation_makes_a_crossover(phase: Phase, *, is_one_batch: bool) -> None:
    seen = [Exposed("u1", phase.pk, "control", AT), Exposed("u1", phase.pk, "treatment", AT + timedelta(hours=1))]

    for batch in [seen] if is_one_batch else [seen[:1], seen[1:]]:
        exposures.insert(batch)

    held = Exposure.objects.get()
    assert (held.is_crossover, held.variation.key) == (True, "control")


def test_unit_is_triggered_once_its_lists_ever_differed(phase: Phase) -> None:
    exposures.insert([Exposed("u1", phase.pk, "treatment", AT, is_triggered=False)])

    exposures.insert([Exposed("u1", phase.pk, "treatment", AT + timedelta(days=1), is_triggered=True)])

    assert Exposure.objects.get().is_triggered


def test_unknown_phase_or_variation_leaves_nothing(phase: Phase) -> None:
    n_written = exposures.insert([Exposed("u1", phase.pk + 1, "treatment", AT), Exposed("u1", phase.pk, "no-such", AT)])

    assert n_written == 0
    assert not Exposure.objects.exists()


def test_recorded_exposure_is_stored(phase: Phase) -> None:
    has_gone = exposures.record(assigned(phase), "u1", at=AT, is_triggered=False, attributes={"device": "phone"})

    held = Exposure.objects.get()
    assert has_gone
    assert (held.unit, held.is_triggered, held.attributes) == ("u1", False, {"device": "phone"})


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.IN_PHASE, Reason.FORCED}))
def test_only_what_a_phase_decided_is_recorded(phase: Phase, reason: Reason) -> None:
    has_gone = exposures.record(assigned(phase, reason=reason), "u1", at=AT)

    assert not has_gone
    assert not Exposure.objects.exists()


def test_forced_exposure_stands_apart_from_the_real_one(phase: Phase) -> None:
    exposures.record(assigned(phase, "control"), "u1", at=AT)

    exposures.record(assigned(phase, "treatment", Reason.FORCED), "u1", at=AT)

    assert set(Exposure.objects.values_list("is_forced", "is_crossover")) == {(False, False), (True, False)}


def test_repeated_page_view_is_no_second_write(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    exposures.record(assigned(phase), "u1", at=AT)
    written: list[Exposed] = []
    monkeypatch.setattr(exposures, "insert", written.extend)

    has_gone = exposures.record(assigned(phase), "u1", at=AT)

    assert not has_gone
    assert not written


def test_exposure_that_did_not_go_is_tried_again(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_batch: object) -> int:
        raise DatabaseError("down")

    with monkeypatch.context() as patched:
        patched.setattr(exposures, "insert", fail)
        assert not exposures.record(assigned(phase), "u1", at=AT)

    assert exposures.record(assigned(phase), "u1", at=AT)
    assert Exposure.objects.count() == 1


def test_broken_sink_costs_no_page(phase: Phase, settings: Settings) -> None:
    settings.EXPOSURE_SINK = "experiments.exposures.no_such_sink"

    has_gone = exposures.record(assigned(phase), "u1", at=AT)

    assert not has_gone


def test_long_attributes_are_cut(phase: Phase) -> None:
    exposures.record(assigned(phase), "u1", at=AT, attributes={f"name-{n:02}": "x" * 500 for n in range(20)})

    kept = Exposure.objects.get().attributes
    assert len(kept) == exposures.MAX_ATTRIBUTES
    assert {len(value) for value in kept.values()} == {exposures.MAX_ATTRIBUTE_LENGTH}


def test_memory_makes_room_for_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposures, "REMEMBERED", 3)
    memory = exposures.Memory()

    for number in range(5):
        memory.add((number,))

    assert [memory.knows((number,)) for number in range(5)] == [False, False, True, True, True]


def test_forgotten_unit_is_erased_with_all_that_is_linked_to_it(phase: Phase) -> None:
    exposures.insert([Exposed(unit, phase.pk, "control", AT) for unit in ("device", "other", "account", "stranger")])
    for device in ("device", "other"):
        UnitLink.objects.create(from_unit=device, to_unit="account", linked_at=AT)

    n_erased = exposures.forget(["device"])

    assert n_erased == 3
    assert [held.unit for held in Exposure.objects.all()] == ["stranger"]
    assert not UnitLink.objects.exists()
