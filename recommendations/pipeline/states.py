"""The states of a retrain run and the table of legal transitions."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from recommendations.exceptions import IllegalTransition


class RetrainStatus(StrEnum):
    """The step that a run is at, or how it ended."""

    PROVISION = "provision"
    EXPORT = "export"
    IMPORT = "import"
    TRAIN = "train"
    EVALUATE = "evaluate"
    DEPLOY = "deploy"
    HEARTBEAT = "heartbeat"
    SWAP = "swap"
    DRAIN = "drain"
    TEARDOWN = "teardown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


_IN_ORDER = (
    RetrainStatus.PROVISION,
    RetrainStatus.EXPORT,
    RetrainStatus.IMPORT,
    RetrainStatus.TRAIN,
    RetrainStatus.EVALUATE,
    RetrainStatus.DEPLOY,
    RetrainStatus.HEARTBEAT,
    RetrainStatus.SWAP,
    RetrainStatus.DRAIN,
    RetrainStatus.TEARDOWN,
    RetrainStatus.SUCCEEDED,
)

STEPS = _IN_ORDER[:-1]
FINISHED = frozenset({RetrainStatus.SUCCEEDED, RetrainStatus.FAILED, RetrainStatus.ABANDONED})
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
