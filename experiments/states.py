"""Frozen values of one moment: what flags, experiments and open phases say, without a database behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from experiments.eligibility import Rule

NO_PAYLOAD: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class VariationState:
    key: str
    payload: Mapping[str, Any]
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class PhaseState:
    id: int
    number: int
    coverage_bp: int
    salt: str
    weights_bp: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LayerState:
    """An experiment's place in its layer: buckets [start, stop); none, and nobody is in, before they are claimed."""

    key: str
    salt: str
    start: int = 0
    stop: int = 0


@dataclass(frozen=True, slots=True)
class HoldoutState:
    key: str
    salt: str
    share_bp: int


@dataclass(frozen=True, slots=True)
class ExperimentValue:
    """An experiment; `featured` is what is shipped, or else the first variation that is not control."""

    key: str
    control: VariationState
    featured: VariationState
    variations: Mapping[str, VariationState]
    phase: PhaseState | None = None
    design: str = "ab"
    rules: tuple[Rule, ...] = ()
    layer: LayerState | None = None


@dataclass(frozen=True, slots=True)
class FlagState:
    """A flag; `user_ids` holds everybody it names, directly or through a group."""

    id: int
    name: str
    modified: datetime
    everyone: bool | None = None
    is_for_authenticated: bool = False
    is_for_staff: bool = False
    user_ids: frozenset[Any] = frozenset()
    experiment: ExperimentValue | None = None

    @property
    def has_targets(self) -> bool:
        """Whether anybody can be on by name or by standing; without, the user is never looked at."""
        return bool(self.user_ids or self.is_for_authenticated or self.is_for_staff)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All flags by name, those with an experiment by that experiment's key, and the holdouts of this moment."""

    flags: Mapping[str, FlagState] = field(default_factory=dict)
    experiments: Mapping[str, FlagState] = field(default_factory=dict)
    holdouts: tuple[HoldoutState, ...] = ()


EMPTY = Snapshot()
