from datetime import UTC, datetime, timedelta

from experiments import exposures
from experiments.exposures import Exposed
from experiments.models import Experiment, Exposure, Phase, Progress, Snapshot, UnitTotals
from experiments.thinning import UNITS_KEPT_FOR, prune_units, thin

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)


def take(phase: Phase, *, every: timedelta, since: timedelta, until: timedelta = timedelta(0)) -> None:
    at = NOW - since
    while at < NOW - until:
        Snapshot.objects.create(phase=phase, taken_at=at, watermark_at=at)
        at += every


def test_snapshots_are_thinned_with_age(running: Experiment) -> None:
    phase = running.phases.get()
    take(phase, every=timedelta(minutes=20), since=timedelta(days=20))

    thin(phase.pk, now=NOW)

    ages = [NOW - at for at in phase.snapshots.values_list("taken_at", flat=True)]
    assert sum(age <= timedelta(hours=2) for age in ages) == 6
    assert 14 * 24 - 2 <= sum(timedelta(hours=2) < age <= timedelta(days=14) for age in ages) <= 14 * 24
    assert 6 <= sum(age > timedelta(days=14) for age in ages) <= 7


def test_thinning_again_changes_nothing(running: Experiment) -> None:
    phase = running.phases.get()
    take(phase, every=timedelta(minutes=30), since=timedelta(days=16))
    thin(phase.pk, now=NOW)

    n_deleted = thin(phase.pk, now=NOW)

    assert n_deleted == 0


def test_final_snapshot_stays(running: Experiment) -> None:
    phase = running.phases.get()
    take(phase, every=timedelta(minutes=20), since=timedelta(days=5), until=timedelta(days=4))
    last = phase.snapshots.first()
    assert last is not None
    Snapshot.objects.filter(pk=last.pk).update(is_final=True)

    thin(phase.pk, now=NOW)

    assert phase.snapshots.filter(pk=last.pk).exists()


def test_units_of_a_phase_that_ended_long_ago_are_erased(running: Experiment) -> None:
    phase = running.phases.get()
    exposures.insert([Exposed("u1", phase.pk, "control", NOW)])
    UnitTotals.objects.create(
        phase=phase, unit="u1", variation_id=1, first_at=NOW, stratum="{}", totals=[0.0], covariates=[]
    )
    Progress.objects.create(phase=phase)
    Snapshot.objects.create(phase=phase, taken_at=NOW, watermark_at=NOW)
    Phase.objects.filter(pk=phase.pk).update(ended_at=phase.started_at)

    early = prune_units(now=phase.started_at + UNITS_KEPT_FOR)
    late = prune_units(now=phase.started_at + UNITS_KEPT_FOR + timedelta(days=1))

    assert (early, late) == ([], [phase.pk])
    assert not Exposure.objects.exists()
    assert not UnitTotals.objects.exists()
    assert Snapshot.objects.exists()
