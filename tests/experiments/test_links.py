import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from experiments.crossover import CrossoverShare
from experiments.links import crossover_share, link_units, resolve_units, settle
from experiments.models import Experiment, Exposure, Phase, UnitLink

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEVICE, ACCOUNT = "device-1", "account-1"


@pytest.fixture
def phase(running: Experiment) -> Phase:
    return running.phases.get()


def expose(phase: Phase, unit: str, variation: str, at: datetime = NOON, **fields: Any) -> None:
    chosen = phase.experiment.variations.get(key=variation)
    Exposure.objects.create(phase=phase, unit=unit, variation=chosen, first_at=at, **fields)


def read(phase: Phase, unit: str) -> tuple[str, bool, bool]:
    """(variation, is it a crossover, is it counted under another unit)."""
    found = Exposure.objects.select_related("variation").get(phase=phase, unit=unit, is_forced=False)
    return found.variation.key, found.is_crossover, found.is_merged


def link(device: str = DEVICE, account: str = ACCOUNT) -> bool:
    return link_units(from_unit=device, to_unit=account, at=NOON)


def test_link_units_merges_what_agrees(phase: Phase) -> None:
    expose(phase, DEVICE, "treatment", NOON - timedelta(days=1), attributes={"device": "phone"})
    expose(phase, ACCOUNT, "treatment", is_triggered=False, attributes={"device": "desktop"})

    is_new = link()

    assert is_new
    assert read(phase, DEVICE) == ("treatment", False, True)
    assert read(phase, ACCOUNT) == ("treatment", False, False)
    kept = Exposure.objects.get(phase=phase, unit=ACCOUNT)
    assert (kept.first_at, kept.is_triggered, kept.attributes) == (
        NOON - timedelta(days=1),
        True,
        {"device": "phone"},
    )


def test_link_units_keeps_the_accounts_variation_and_marks_both_where_they_differ(phase: Phase) -> None:
    expose(phase, DEVICE, "control", NOON - timedelta(days=1))
    expose(phase, ACCOUNT, "treatment")

    link()

    assert read(phase, ACCOUNT) == ("treatment", True, False)
    assert read(phase, DEVICE) == ("control", True, True)
    assert crossover_share(phase.pk) == CrossoverShare(n_units=1, n_crossover=1)


def test_link_units_gives_the_devices_exposure_to_an_account_without_one(phase: Phase) -> None:
    expose(phase, DEVICE, "control", NOON - timedelta(days=1), is_triggered=False, attributes={"device": "phone"})

    link()

    assert read(phase, DEVICE) == ("control", False, True)
    assert read(phase, ACCOUNT) == ("control", False, False)
    moved = Exposure.objects.get(phase=phase, unit=ACCOUNT)
    assert (moved.first_at, moved.is_triggered, moved.attributes) == (
        NOON - timedelta(days=1),
        False,
        {"device": "phone"},
    )


def test_link_units_leaves_forced_exposures_and_other_units_alone(phase: Phase) -> None:
    expose(phase, DEVICE, "control", is_forced=True)
    expose(phase, "device-2", "control")
    expose(phase, ACCOUNT, "treatment")

    link()

    assert read(phase, ACCOUNT) == ("treatment", False, False)
    assert read(phase, "device-2") == ("control", False, False)
    assert not Exposure.objects.get(unit=DEVICE).is_merged


def test_devices_that_differ_among_themselves_are_a_crossover_too(phase: Phase) -> None:
    expose(phase, DEVICE, "control")
    expose(phase, "device-2", "treatment")

    link()
    link("device-2")

    assert read(phase, ACCOUNT) == ("control", True, False)
    assert read(phase, "device-2") == ("treatment", True, True)


def test_settle_merges_what_arrived_after_the_link_once(phase: Phase) -> None:
    link()
    link("device-2")
    expose(phase, DEVICE, "control")
    expose(phase, "device-2", "treatment", NOON + timedelta(hours=1))
    expose(phase, "stranger", "treatment")

    counts = [settle(phase.pk), settle(phase.pk)]

    assert counts == [2, 0]
    assert read(phase, ACCOUNT) == ("control", True, False)
    assert crossover_share(phase.pk) == CrossoverShare(n_units=2, n_crossover=1)


def test_settle_looks_through_one_phase_alone(phase: Phase) -> None:
    link()
    expose(phase, DEVICE, "control")

    assert settle(phase.pk + 1) == 0
    assert read(phase, DEVICE) == ("control", False, False)


def test_link_units_again_is_not_new_and_changes_nothing(phase: Phase) -> None:
    expose(phase, DEVICE, "control")

    found = [link(), link(), link(account="account-2")]

    assert found == [True, False, False]
    assert resolve_units([DEVICE, ACCOUNT]) == {DEVICE: ACCOUNT}
    assert Exposure.objects.filter(phase=phase).count() == 2


def test_links_stay_one_step_long_and_make_no_ring(db: None) -> None:
    assert link("a", "b")
    assert link("b", "c")
    assert link("d", "b")

    assert not link("c", "a")
    assert not link("c", "c")
    assert dict(UnitLink.objects.values_list("from_unit", "to_unit")) == {"a": "c", "b": "c", "d": "c"}


@pytest.mark.parametrize(("device", "account"), [("", "b"), ("a", "")])
def test_link_units_needs_two_units(db: None, device: str, account: str) -> None:
    with pytest.raises(ValueError, match="must both name a unit"):
        link(device, account)


@pytest.mark.django_db(transaction=True)
def test_one_device_signing_in_twice_at_once_is_linked_once() -> None:
    both_ready, outcomes = threading.Barrier(4), []

    def sign_in(account: str) -> None:
        try:
            both_ready.wait(60)
            outcomes.append(link(account=account))
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_in, args=(f"account-{number % 2}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, False, False, True]
    assert UnitLink.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_links_made_at_once_make_no_chain_and_no_ring() -> None:
    all_ready = threading.Barrier(3)

    def join(device: str, account: str) -> None:
        try:
            all_ready.wait(60)
            link(device, account)
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=pair) for pair in (("a", "b"), ("b", "c"), ("c", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    links = dict(UnitLink.objects.values_list("from_unit", "to_unit"))
    assert len(links) == 2
    assert not set(links) & set(links.values())
