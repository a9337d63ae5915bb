"""Which experiment decides on the homepage's second row, where several could."""

from collections.abc import Callable, Mapping

from experiments.assignment import Assignment, Reason
from experiments.shadows import SUFFIX
from experiments.snapshot import get_snapshot
from experiments.states import ExperimentValue

# Whether the row is there at all; all others compare what fills it.
EXPERIMENT = "recommended-for-you"
DECIDING = frozenset({Reason.FORCED, Reason.TARGETED, Reason.IN_PHASE})


def choose_assignment(ask: Callable[[str], Assignment]) -> Assignment:
    """The assignment that decides on the row for one shopper.

    The row's own experiment comes first. Where it leaves the shopper out, or is on for everyone, the others follow in
    the order of their keys: the first whose open phase includes the shopper decides. A campaign that won its experiment
    and was shipped fills the row where it is on. While the row is switched off, nobody else brings it back.

    Args:
        ask: an experiment's key -> what it assigns to the shopper.
    """
    own = ask(EXPERIMENT)
    if own.reason in DECIDING or _is_switched_off():
        return own
    shipped: Assignment | None = None
    for key in _others():
        found = ask(key)
        if found.reason in DECIDING:
            return found
        if found.reason is Reason.SHIPPED and shipped is None and "rule" not in found.payload:
            shipped = found
    return shipped if shipped is not None and own.reason is Reason.SHIPPED else own


def find_experiment(key: str) -> ExperimentValue | None:
    """An experiment as this process knows it; None for an unknown one."""
    flag = get_snapshot().experiments.get(key)
    return flag.experiment if flag is not None else None


def _is_switched_off() -> bool:
    flag = get_snapshot().experiments.get(EXPERIMENT)
    return flag is not None and flag.everyone is False


def _others() -> list[str]:
    """Keys of the other experiments that anybody could be in now; A/A tests beside one decide on nothing."""
    flags: Mapping[str, object] = get_snapshot().experiments
    return sorted(key for key in flags if key != EXPERIMENT and SUFFIX not in key and _is_live(key))


def _is_live(key: str) -> bool:
    flag = get_snapshot().experiments[key]
    return flag.everyone is True or (
        flag.everyone is None and flag.experiment is not None and flag.experiment.phase is not None
    )
