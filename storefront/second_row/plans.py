"""A row before it is drawn: which items from where, and what it took to find them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from experiments.assignment import Assignment
from recommendations.serving.recommend import Served


@dataclass(frozen=True, slots=True)
class Plan:
    """One row to be; `took_ms` is its own work, `assignment` what chose it, `teams` who drafted which item."""

    key: str
    title: str
    note: str
    served: Served
    took_ms: float = 0.0
    assignment: Assignment | None = None
    teams: str = ""


def timed(make: Callable[[], Plan]) -> Plan:
    """The plan that `make` gives, with the time that took."""
    began_s = time.perf_counter()
    plan = make()
    return replace(plan, took_ms=1000.0 * (time.perf_counter() - began_s))
