"""The steps of a retrain run in their order, and the table of legal transitions."""

from collections.abc import Mapping
from types import MappingProxyType

from recommendations.exceptions import IllegalTransition
from recommendations.retrain_status import FINISHED, RetrainStatus

__all__ = ["AFTER_SWAP", "FINISHED", "NEXT", "STEPS", "TRANSITIONS", "RetrainStatus", "check_transition"]


_IN_ORDER = tuple(status for status in RetrainStatus if status not in FINISHED or status is RetrainStatus.SUCCEEDED)

STEPS = _IN_ORDER[:-1]
NEXT: Mapping[RetrainStatus, RetrainStatus] = MappingProxyType(dict(zip(STEPS, _IN_ORDER[1:], strict=True)))
# The pointer has moved: what was built serves, so there is nothing to abandon, only to roll back.
AFTER_SWAP = frozenset({RetrainStatus.DRAIN, RetrainStatus.TEARDOWN})
TRANSITIONS: Mapping[RetrainStatus, frozenset[RetrainStatus]] = MappingProxyType(
    {
        step: frozenset({NEXT[step], RetrainStatus.FAILED})
        | (frozenset() if step in AFTER_SWAP else frozenset({RetrainStatus.ABANDONED}))
        for step in STEPS
    }
    | {end: frozenset() for end in FINISHED}
)


def check_transition(old: RetrainStatus, new: RetrainStatus) -> None:
    """Refuse a transition that is not in the table.

    Args:
        old: the status of the run.
        new: the status it is to have.

    Raises:
        IllegalTransition: `new` does not follow from `old`; the message lists what does.
    """
    legal = TRANSITIONS[old]
    if new not in legal:
        raise IllegalTransition(
            f"A run that is at {old.value} cannot become {new.value}; from there it can become: "
            f"{', '.join(sorted(each.value for each in legal)) or 'nothing, it has ended'}."
        )
