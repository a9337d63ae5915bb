"""Whether the variations really differ for this shopper: who sees the same either way tells an experiment nothing."""

import time
from collections import OrderedDict
from collections.abc import Collection

from experiments.states import ExperimentValue
from recommendations.serving.recommend import recommended_for_you
from storefront.page_view import PageView
from storefront.second_row.payloads import FromRotation, Wanted, control_rule, read_or_fall_back
from storefront.second_row.plans import Plan

# More lists than these are not asked for one page; the variations then count as different.
MAX_COMPARED = 3
REMEMBERED = 20_000
REMEMBERED_S = 600.0


class DifferentLately:
    """Shoppers whose lists were found to differ, so that one comparison serves many views; bounded."""

    def __init__(self) -> None:
        self._until_s: OrderedDict[tuple[int, str], float] = OrderedDict()

    def knows(self, phase_id: int, unit: str) -> bool:
        """Whether the lists of this unit differed in the last ten minutes."""
        return time.monotonic() < self._until_s.get((phase_id, unit), 0.0)

    def add(self, phase_id: int, unit: str) -> None:
        """Remember a unit; the oldest makes room."""
        self._until_s[phase_id, unit] = time.monotonic() + REMEMBERED_S
        self._until_s.move_to_end((phase_id, unit))
        while len(self._until_s) > REMEMBERED:
            try:
                self._until_s.popitem(last=False)
            except KeyError:  # Another thread was first.
                return

    def clear(self) -> None:
        """Forget everyone; for tests."""
        self._until_s.clear()


different_lately = DifferentLately()


def effective(wanted: Wanted, view: PageView, experiment: ExperimentValue | None) -> Wanted:
    """What the shopper gets of it: without a history there is nothing personal, and control's rule answers."""
    if isinstance(wanted, FromRotation) and not view.has_history:
        return control_rule(experiment.control.payload if experiment is not None else {})
    return wanted


def are_different(view: PageView, experiment: ExperimentValue, plan: Plan, shown: Collection[str], *, k: int) -> bool:
    """Whether any variation of the open phase would show this shopper another row than the plan's.

    A rule and a campaign differ, as two rules do: their titles say so. Two campaigns differ where their lists do; for
    that the other variations' campaigns are asked too, at most three, by no means for every view, and only while such
    an experiment runs.

    Args:
        view: who looks; their assignment has a phase.
        experiment: what the phase belongs to.
        plan: the row as it is shown.
        shown: what was withheld from it, and so from the others.
        k: its length.
    """
    own, others = _split(view, experiment)
    if not others:
        return False
    if not isinstance(own, FromRotation) or not all(isinstance(one, FromRotation) for one in others):
        return True
    phase_id, unit = view.assignment.phase_id or 0, view.shopper.shopper_key
    if different_lately.knows(phase_id, unit):
        return True
    rotations = [one.rotation for one in others if isinstance(one, FromRotation)]
    is_different = len(rotations) > MAX_COMPARED or any(
        _list_of(view, rotation, shown, k) != plan.served.item_ids for rotation in rotations
    )
    if is_different:
        different_lately.add(phase_id, unit)
    return is_different


def _split(view: PageView, experiment: ExperimentValue) -> tuple[Wanted, list[Wanted]]:
    """What the shopper gets, and what else shoppers like them can get; in the order of the weights."""
    weights = experiment.phase.weights_bp if experiment.phase is not None else ()
    control = experiment.control.payload
    possible = {
        key: effective(read_or_fall_back(experiment.variations[key].payload, control, variation=key), view, experiment)
        for key, weight_bp in weights
        if weight_bp
    }
    own = effective(
        read_or_fall_back(view.assignment.payload, control, variation=view.assignment.variation), view, experiment
    )
    return own, [one for one in dict.fromkeys(possible.values()) if one != own]


def _list_of(view: PageView, rotation: str, shown: Collection[str], k: int) -> tuple[str, ...]:
    return recommended_for_you(view.shopper, rotation=rotation, k=k, withheld=shown, is_shown=False).item_ids
