"""Snapshots made of values alone, for what must hold over hundreds of thousands of units."""

from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from experiments import snapshot
from experiments.states import ExperimentValue, FlagState, HoldoutState, PhaseState, Snapshot, VariationState

EVEN = (("control", 5000), ("treatment", 5000))
SALT = "9f2c51d03e6b4a7788aa10bb42cc73dd"


def make_flag(
    key: str,
    *,
    coverage_bp: int = 10_000,
    salt: str = SALT,
    weights_bp: tuple[tuple[str, int], ...] = EVEN,
    **experiment: Any,
) -> FlagState:
    """A flag whose experiment runs; the first of the weights is control."""
    variations = {
        name: VariationState(name, MappingProxyType({"rule": name}), is_control=place == 0)
        for place, (name, _) in enumerate(weights_bp)
    }
    control, featured, *_ = variations.values()
    phase = PhaseState(id=7, number=1, coverage_bp=coverage_bp, salt=salt, weights_bp=weights_bp)
    value = ExperimentValue(key, control, featured, MappingProxyType(variations), phase, **experiment)
    return FlagState(1, key, datetime(2026, 1, 1, tzinfo=UTC), experiment=value)


def load(monkeypatch: pytest.MonkeyPatch, *flags: FlagState, holdouts: Iterable[HoldoutState] = ()) -> None:
    """Let this process know these flags and no others."""
    known = {flag.name: flag for flag in flags}
    loaded = Snapshot(flags=known, experiments=known, holdouts=tuple(holdouts))
    monkeypatch.setattr(snapshot, "load_snapshot", lambda: loaded)
    snapshot.reset_snapshot()
