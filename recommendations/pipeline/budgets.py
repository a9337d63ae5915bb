"""How many CPU-seconds the trainings of a rotation may use."""

from recommendations import conf
from recommendations.models import Rotation


def budget_of(rotation: Rotation) -> float | None:
    """Return the CPU-seconds of one training: the rotation's own, or TRAINING_BUDGET_S; None for no limit."""
    own = rotation.training_budget_s
    return conf.training_budget_s() if own is None else float(own) or None
