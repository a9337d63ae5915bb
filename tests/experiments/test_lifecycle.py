from importlib import import_module
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from experiments import lifecycle, ramp
from experiments.changes import Change
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment, Flag, Phase, Status
from tests.experiments.conftest import FLAG, KEY

PAIRS = list(product(Status.values, Status.values))
ILLEGAL = [(old, new) for old, new in PAIRS if old != new and new not in lifecycle.LEGAL[old]]
# A legal way from a draft to each status.
WAYS = {
    "draft": (),
    "scheduled": ("scheduled",),
    "running": ("running",),
    "held": ("running", "held"),
    "rolled_back": ("running", "rolled_back"),
    "completed": ("running", "completed"),
    "shipped": ("shipped",),
}
WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}


def bring_row_to(experiment: Experiment, status: str) -> None:
    for stop in WAYS[status]:
        Experiment.objects.filter(pk=experiment.pk).update(status=stop)


def test_table_knows_every_status() -> None:
    assert set(lifecycle.LEGAL) == set(WAYS) == set(Status.values)
    assert set().union(*lifecycle.LEGAL.values()) <= set(Status.values)
    assert set().union(*lifecycle.ACCEPTED.values()) <= set(Status.values)


def test_every_status_can_be_left_and_reached() -> None:
    assert all(lifecycle.LEGAL.values())
    assert set().union(*lifecycle.LEGAL.values()) == set(Status.values)


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_database_refuses_an_illegal_transition(experiment: Experiment, old: str, new: str) -> None:
    bring_row_to(experiment, old)

    with pytest.raises(DatabaseError, match=f"does not go from {old} to {new}"), transaction.atomic():
        Experiment.objects.update(status=new)

    assert Experiment.objects.get().status == old


@pytest.mark.parametrize(("old", "new"), [pair for pair in PAIRS if pair not in ILLEGAL])
def test_database_allows_a_legal_transition(experiment: Experiment, old: str, new: str) -> None:
    bring_row_to(experiment, old)

    Experiment.objects.update(status=new)

    assert Experiment.objects.get().status == new


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_change_refuses_an_illegal_transition(experiment: Experiment, old: str, new: str) -> None:
    bring_row_to(experiment, old)

    with transaction.atomic(), pytest.raises(IllegalRamp, match="cannot go from") as refusal:
        Change.begin(KEY, "ann", "because").move(Status(new))

    assert refusal.value.code == "illegal_transition"
    assert Experiment.objects.get().status == old


@pytest.mark.parametrize("status", [status for status in Status.values if status != "draft"])
def test_experiment_begins_as_a_draft(db: None, status: str) -> None:
    flag = Flag.objects.create(name="other")

    with pytest.raises(DatabaseError, match="begins as a draft"):
        Experiment.objects.create(key="other", name="Other", flag=flag, status=status)


@pytest.mark.parametrize("field", [{"design": "aa"}, {"allocation": "thompson"}])
def test_design_and_allocation_are_frozen_while_it_runs(experiment: Experiment, field: dict[str, str]) -> None:
    ramp.start(KEY, **WHO)

    with pytest.raises(DatabaseError, match="do not change while an experiment runs"):
        Experiment.objects.update(**field)


def test_plan_of_a_phase_is_frozen(experiment: Experiment) -> None:
    ramp.start(KEY, **WHO)

    with pytest.raises(DatabaseError, match="keeps the plan"):
        Phase.objects.update(plan={"alpha": 0.5})


@pytest.mark.parametrize("field", [{"payload": {"rule": "newest"}}, {"key": "third"}, {"position": 9}])
def test_variations_are_frozen_while_a_phase_is_open(experiment: Experiment, field: dict[str, Any]) -> None:
    ramp.start(KEY, **WHO)
    treatment = experiment.variations.filter(is_control=False)

    with pytest.raises(DatabaseError, match="Variations do not change"), transaction.atomic():
        treatment.update(**field)
    treatment.update(name="A better name")
    ramp.stop(KEY, **WHO)

    assert treatment.update(**field) == 1


def test_variation_is_not_added_while_a_phase_is_open(experiment: Experiment) -> None:
    ramp.start(KEY, **WHO)

    with pytest.raises(DatabaseError, match="Variations do not change"):
        experiment.variations.create(key="third", name="Third", position=2)


def test_find_services_names_what_a_page_can_offer() -> None:
    assert lifecycle.find_services("held") == (
        "set_coverage",
        "ramp_to",
        "approve_step",
        "resume",
        "roll_back",
        "complete",
        "stop",
    )


@pytest.mark.parametrize(
    ("everyone", "has_phase", "status"),
    [
        (None, False, "draft"),
        (None, True, "running"),
        (False, True, "rolled_back"),
        (False, False, "rolled_back"),
        (True, False, "shipped"),
        (True, True, "shipped"),
    ],
)
def test_status_is_told_by_flag_and_phase_where_none_was_stored(
    experiment: Experiment,
    everyone: bool | None,
    has_phase: bool,
    status: str,
) -> None:
    if has_phase:
        Phase.objects.create(experiment=experiment, number=1, coverage_bp=200, weights_bp=[])
    Flag.objects.filter(name=FLAG).update(everyone=everyone)
    migration = import_module("experiments.migrations.0011_status_from_flags")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE experiments_experiment DISABLE TRIGGER experiments_status_guarded")

    migration.store_status(apps, SimpleNamespace(connection=connection))

    assert Experiment.objects.get().status == status
    assert Phase.objects.filter(ended_at__isnull=True).exists() == (has_phase and status != "shipped")
