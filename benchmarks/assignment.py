"""Times one assignment from a fresh snapshot per reason: python -m benchmarks.assignment."""

import os
import statistics
import timeit
from datetime import UTC, datetime
from types import MappingProxyType

import django

N_CALLS = 20_000
N_ROUNDS = 9
BAR_US = 20.0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    django.setup()
    from experiments import snapshot
    from experiments.assignment import assign
    from experiments.states import ExperimentValue, FlagState, PhaseState, Snapshot, VariationState

    control = VariationState("control", MappingProxyType({"rule": "popular"}), is_control=True)
    treatment = VariationState("treatment", MappingProxyType({"slot": "home-recommended"}))
    weights_bp = (("control", 5000), ("treatment", 5000))

    def make_flag(coverage_bp: int, *, everyone: bool | None = None) -> FlagState:
        phase = PhaseState(id=1, number=1, coverage_bp=coverage_bp, salt="9f2c" * 8, weights_bp=weights_bp)
        both = MappingProxyType({"control": control, "treatment": treatment})
        experiment = ExperimentValue("key", control, treatment, both, phase)
        return FlagState(1, "flag", datetime(2026, 1, 1, tzinfo=UTC), everyone, experiment=experiment)

    cases = {
        "off": make_flag(0, everyone=False),
        "shipped": make_flag(0, everyone=True),
        "exempt": make_flag(0),
        "in phase": make_flag(10_000),
    }
    for name, flag in cases.items():
        loaded = Snapshot(flags={"flag": flag}, experiments={"key": flag})
        snapshot.load_snapshot = lambda loaded=loaded: loaded  # type: ignore[misc]
        snapshot.reset_snapshot()
        rounds = timeit.repeat(lambda: assign("key", "01997a3e-shopper"), number=N_CALLS, repeat=N_ROUNDS)
        call_us = [seconds / N_CALLS * 1e6 for seconds in rounds]
        print(f"{name:10} median {statistics.median(call_us):5.2f} us, worst round {max(call_us):5.2f} us")
        if statistics.median(call_us) > BAR_US:
            raise SystemExit(f"{name}: over {BAR_US} us a call")


if __name__ == "__main__":
    main()
