"""The table of transitions: every pair is either legal or refused, and the rows know the same states."""

from itertools import product

import pytest

from recommendations.exceptions import IllegalTransition
from recommendations.models import RetrainRun
from recommendations.pipeline.runner import STEPS as RUNNERS
from recommendations.pipeline.states import FINISHED, NEXT, STEPS, TRANSITIONS, RetrainStatus, check_transition


@pytest.mark.parametrize(("old", "new"), list(product(RetrainStatus, RetrainStatus)))
def test_transition_is_legal_only_forward_or_out(old: RetrainStatus, new: RetrainStatus) -> None:
    goes_forward = NEXT.get(old) is new
    goes_out = old not in FINISHED and new in {RetrainStatus.FAILED, RetrainStatus.ABANDONED}

    if goes_forward or goes_out:
        check_transition(old, new)
    else:
        with pytest.raises(IllegalTransition, match=old.value):
            check_transition(old, new)


def test_states_are_those_of_the_rows() -> None:
    assert {state.value for state in RetrainStatus} == set(RetrainRun.Status.values)
    assert set(TRANSITIONS) == set(RetrainStatus)


def test_every_step_has_somebody_to_run_it() -> None:
    assert tuple(RUNNERS) == STEPS
