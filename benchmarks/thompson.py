"""What Thompson sampling earns and what it costs the answer: run `python -m benchmarks.thompson`."""

import numpy as np

from experiments.stats import Arm, Effect, always_valid, combine_phases, compare_proportions
from experiments.thompson import Allocation, allocate

N_DAYS = 14
PER_DAY = 1000
N_RUNS = 500
CONTROL_SHARE = 0.05


def run_days(rng: np.random.Generator, name: str, lift: float, *, is_adaptive: bool) -> list[tuple[Arm, Arm]]:
    """Return (control, treatment) of each day, the next day's weights chosen by all days before it."""
    days: list[tuple[Arm, Arm]] = []
    weight = 0.5
    for day in range(N_DAYS):
        n_treatment = int(rng.binomial(PER_DAY, weight))
        n = (PER_DAY - n_treatment, n_treatment)
        successes = rng.binomial(n, (CONTROL_SHARE, CONTROL_SHARE * (1 + lift)))
        control, treatment = (
            Arm.from_counts(n=units, successes=int(count)) for units, count in zip(n, successes, strict=True)
        )
        days.append((control, treatment))
        if is_adaptive:
            sums = {
                "control": sum((first for first, _ in days), Arm()),
                "treatment": sum((second for _, second in days), Arm()),
            }
            answer = allocate(arms=sums, seed=f"{name}|{day}")
            assert isinstance(answer, Allocation)
            weight = dict(answer.weights_bp)["treatment"] / 10_000
    return days


def add_up(days: list[tuple[Arm, Arm]]) -> tuple[Arm, Arm]:
    """Return the plain sums of all days."""
    return sum((control for control, _ in days), Arm()), sum((treatment for _, treatment in days), Arm())


def is_found_by_sums(days: list[tuple[Arm, Arm]]) -> bool:
    """Return whether the fixed test over all days' sums rejects, as if nothing had moved."""
    control, treatment = add_up(days)
    effect = compare_proportions(control=control, treatment=treatment)
    return isinstance(effect, Effect) and effect.is_significant


def is_found_within_phases(days: list[tuple[Arm, Arm]]) -> bool:
    """Return whether the always-valid test over days compared apart rejects at any of its looks."""
    p_value = 1.0
    for day in range(1, len(days) + 1):
        pair = combine_phases(kind="proportion", phases=days[:day])
        if isinstance(pair, tuple):
            effect = always_valid(control=pair[0], treatment=pair[1], n_planned=N_DAYS * PER_DAY, previous_p=p_value)
            p_value = effect.p_value if isinstance(effect, Effect) else p_value
    return p_value <= 0.05


def measure(lift: float, *, is_adaptive: bool) -> dict[str, float]:
    """Return shares of runs that find a difference, the mean successes and the bias of both arms' shares."""
    rng = np.random.default_rng([int(lift * 100), is_adaptive])
    runs = [run_days(rng, str(run), lift, is_adaptive=is_adaptive) for run in range(N_RUNS)]
    totals = [add_up(days) for days in runs]
    return {
        "fixed over sums": float(np.mean([is_found_by_sums(days) for days in runs])),
        "always-valid within phases": float(np.mean([is_found_within_phases(days) for days in runs])),
        "successes": float(np.mean([sum(arm.n * arm.mean_y for arm in pair) for pair in totals])),
        "control's share": float(np.mean([pair[0].mean_y for pair in totals])),
    }


def main() -> None:
    """Print both allocations without an effect and with one."""
    for lift in (0.0, 0.25):
        for is_adaptive in (False, True):
            name = "thompson" if is_adaptive else "even"
            figures = ", ".join(f"{key} {value:.4g}" for key, value in measure(lift, is_adaptive=is_adaptive).items())
            print(f"effect {lift:+.0%}, {name}: {figures}")


if __name__ == "__main__":
    main()
