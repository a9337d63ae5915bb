"""Times one assignment for each way it can be decided, with the network cut: python -m benchmarks.assignment."""

import os
import socket
import statistics
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NoReturn

import django

N_CALLS = 20_000
N_ROUNDS = 9
BAR_US = 20.0
UNIT = "01997a3e5b7c4d2e9f10a2b3c4d5e6f7"
PHONE = {"device": "phone", "history": "new", "signed_in": "no"}
EVEN = (("control", 5000), ("treatment", 5000))
EIGHT = tuple((f"v{number}", 1250) for number in range(8))


def refuse(*_: object, **__: object) -> NoReturn:
    """Stands where a connection would be made."""
    raise AssertionError("An assignment asked the network.")


def make_cases() -> dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]]:
    """A flag, the holdouts and the arguments for each reason; the last is the longest way there is."""
    from experiments.eligibility import Rule
    from experiments.states import ExperimentValue, FlagState, HoldoutState, LayerState, PhaseState, VariationState

    def make_flag(coverage_bp: int = 10_000, weights_bp: Any = EVEN, **more: Any) -> FlagState:
        phase = PhaseState(id=1, number=1, coverage_bp=coverage_bp, salt="9f2c" * 8, weights_bp=weights_bp)
        variations = {
            key: VariationState(key, MappingProxyType({"rule": key}), is_control=place == 0)
            for place, (key, _) in enumerate(weights_bp)
        }
        control, featured, *_ = variations.values()
        asked = {name: more.pop(name) for name in ("rules", "layer") if name in more}
        experiment = ExperimentValue("key", control, featured, MappingProxyType(variations), phase, **asked)
        return FlagState(1, "flag", datetime(2026, 1, 1, tzinfo=UTC), experiment=experiment, **more)

    phones, desktops = ((Rule("device", frozenset({name})),) for name in ("phone", "desktop"))
    nobody, everybody = (HoldoutState("quarter", "5e37" * 8, share_bp) for share_bp in (0, 10_000))
    layer, elsewhere = (LayerState("home", "a076" * 8, 0, stop) for stop in (10_000, 0))
    return {
        "off": (make_flag(everyone=False), (), {}),
        "shipped": (make_flag(everyone=True), (), {}),
        "bot": (make_flag(), (), {"is_bot": True}),
        "forced": (make_flag(), (), {"forced": "treatment"}),
        "ineligible": (make_flag(rules=desktops), (), {}),
        "held out": (make_flag(), (everybody,), {}),
        "outside its layer's slots": (make_flag(layer=elsewhere), (), {}),
        "exempt": (make_flag(0), (), {}),
        "in phase": (make_flag(), (), {}),
        "in phase, 8 variations, rule, holdout, layer": (
            make_flag(weights_bp=EIGHT, rules=phones, layer=layer),
            (nobody,),
            {},
        ),
    }


def time_us(call: Callable[[], object]) -> list[float]:
    """Microseconds a call, one figure a round."""
    return [seconds / N_CALLS * 1e6 for seconds in timeit.repeat(call, number=N_CALLS, repeat=N_ROUNDS)]


def main() -> None:
    """Print one table; end with an error where a median is over the bar."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    django.setup()
    from experiments import snapshot
    from experiments.assignment import assign
    from experiments.states import Snapshot

    socket.socket.connect = refuse  # type: ignore[method-assign]
    slowest_us = 0.0
    print(f"{'decided by':46} {'median us':>9} {'worst round us':>14}")
    for name, (flag, holdouts, asked) in make_cases().items():
        loaded = Snapshot(flags={"flag": flag}, experiments={"key": flag}, holdouts=holdouts)
        snapshot.load_snapshot = lambda loaded=loaded: loaded  # type: ignore[misc]
        snapshot.reset_snapshot()
        rounds_us = time_us(lambda asked=asked: assign("key", UNIT, attributes=PHONE, **asked))  # type: ignore[misc]
        median_us = statistics.median(rounds_us)
        slowest_us = max(slowest_us, median_us)
        print(f"{name:46} {median_us:9.2f} {max(rounds_us):14.2f}")
    if slowest_us > BAR_US:
        raise SystemExit(f"The slowest median is {slowest_us:.1f} us, over {BAR_US:.0f} us a call.")
    print(f"All within {BAR_US:.0f} us; no connection was made.")


if __name__ == "__main__":
    main()
