"""PURE input of a report's readings: one metric's sums, and the rules that they are read by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.stats import Arm, Kind
from experiments.verdict import Role


@dataclass(frozen=True, slots=True)
class Rules:
    """How to read: frozen at the start of the phase.

    Attributes:
        alpha: Significance level over the whole life.
        n_planned: Units planned in both compared arms together.
        is_over: Whether the fixed read-out may be used: the planned end is reached.
        guard_alpha: Level of each single guardrail's harm; alpha itself where None.
        guard_units: Units of both arms at which harm is tested best, early in the ramp; n_planned where None.
    """

    alpha: float
    n_planned: int
    is_over: bool
    guard_alpha: float | None = None
    guard_units: int | None = None


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """One metric: what it is, and each variation's sums.

    Attributes:
        key, name, description, unit: For people.
        kind: How it is compared.
        role: Success metrics decide, guardrails may stop, the others are explored.
        higher_is_better: False for latency or errors.
        window_days: Days of each unit that are counted.
        arms: By variation key, control among them.
        covariates: The same with x as each unit's covariate; empty where the metric has none.
        previous_p: Running minimum of the always-valid p-value by variation.
        previous_sign: Which way the estimate pointed at that minimum, 1 or -1; a variation is left out where unknown.
        margin: Of a guardrail: how much worse is tolerated, as a share of control's value.
        missing: Why there are no sums, as a sentence; empty where there are.
    """

    key: str
    name: str
    role: Role
    kind: Kind = "mean"
    description: str = ""
    unit: str = ""
    higher_is_better: bool = True
    window_days: int | None = None
    arms: Mapping[str, Arm] = field(default_factory=dict)
    covariates: Mapping[str, Arm] = field(default_factory=dict)
    previous_p: Mapping[str, float] = field(default_factory=dict)
    previous_sign: Mapping[str, int] = field(default_factory=dict)
    margin: float | None = None
    missing: str = ""
