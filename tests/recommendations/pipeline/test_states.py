"""The table of transitions: every pair is either legal or refused, and the rows know the same states."""

from contextlib import suppress
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from recommendations import conf
from recommendations.exceptions import IllegalTransition
from recommendations.models import RetrainRun
from recommendations.pipeline.runner import STEPS as RUNNERS
from recommendations.pipeline.runs import ensure_default_rotation
from recommendations.pipeline.states import (
    AFTER_SWAP,
    FINISHED,
    NEXT,
    STEPS,
    TRANSITIONS,
    RetrainStatus,
    check_transition,
)


@pytest.mark.parametrize(("old", "new"), list(product(RetrainStatus, RetrainStatus)))
def test_transition_is_legal_only_forward_or_out(old: RetrainStatus, new: RetrainStatus) -> None:
    goes_forward = NEXT.get(old) is new
    goes_out = old not in FINISHED and new is RetrainStatus.FAILED
    goes_out |= old not in FINISHED | AFTER_SWAP and new is RetrainStatus.ABANDONED

    if goes_forward or goes_out:
        check_transition(old, new)
    else:
        with pytest.raises(IllegalTransition, match=old.value):
            check_transition(old, new)


@pytest.mark.django_db
def test_database_lets_a_run_take_the_same_transitions_and_no_others() -> None:
    rotation, now = ensure_default_rotation(), conf.now()
    let = set()

    for old, new in product(RetrainStatus, RetrainStatus):
        finished_at = now if old in FINISHED else None
        run = RetrainRun.objects.create(
            rotation=rotation, colour="maize", status=old, created_at=now, updated_at=now, finished_at=finished_at
        )
        run.status, run.finished_at = new, now if new in FINISHED else None
        with suppress(IntegrityError), transaction.atomic():
            run.save()
            let.add((old, new))
        run.delete()

    unchanged = {(status, status) for status in RetrainStatus}
    assert let == {(old, new) for old in RetrainStatus for new in TRANSITIONS[old]} | unchanged


def test_states_are_those_of_the_rows() -> None:
    assert {state.value for state in RetrainStatus} == {
        value for value, _ in RetrainRun._meta.get_field("status").choices or []
    }
    assert set(TRANSITIONS) == set(RetrainStatus)


def test_every_step_has_somebody_to_run_it() -> None:
    assert tuple(RUNNERS) == STEPS
