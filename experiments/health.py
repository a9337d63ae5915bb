"""Health of a phase, values in and values out: can its units, its traffic and its events be trusted at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.concerns import Concern, Gravity
from experiments.crossover import ALARM_SHARE, CrossoverShare
from experiments.shares import format_percent
from experiments.stats import Inconclusive, sample_ratio_mismatch

SRM_LEVEL = 0.001
MAX_IDLE_H = 24.0


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a look at a phase says of its health.

    Attributes:
        n_units: analysed units by variation.
        weights_bp: the phase's weights.
        n_crossover: units seen in two variations, which are left out.
        idle_h: hours without an exposure or a served list, counted from the step's start at the earliest.
        lag_s: how far behind the world's time the facts are, in seconds; None while nobody can say.
        max_lag_s: from where on they are too far behind.
        is_overruled: whether the flag was switched past this app.
        is_switched_off: whether it was switched off, so that it is nobody who sees the feature.
    """

    n_units: Mapping[str, int]
    weights_bp: Sequence[tuple[str, int]]
    n_crossover: int
    idle_h: float
    lag_s: float | None
    max_lag_s: float
    is_overruled: bool = False
    is_switched_off: bool = False


def find_health_concerns(vitals: Vitals) -> list[Concern]:
    """All that is wrong with a phase's health; none of it says anything about the feature, so that it only holds.

    But for a flag that was switched off elsewhere: somebody threw the kill switch, and the ramp follows.

    Source:
        Fabijan et al. 2019 (sample-ratio mismatch); GrowthBook's defaults (no traffic, multiple exposures).
    """
    checks = (_check_flag, _check_lag, _check_traffic, _check_sample_ratio, _check_crossover)
    return [concern for check in checks if (concern := check(vitals)) is not None]


def _check_flag(vitals: Vitals) -> Concern | None:
    if not vitals.is_overruled:
        return None
    if vitals.is_switched_off:
        return Concern(
            "flag_overruled",
            Gravity.ROLL_BACK,
            "The flag was switched off elsewhere: everybody gets control. Reopen to let the phase decide again.",
        )
    return Concern(
        "flag_overruled",
        Gravity.HOLD,
        "The flag was switched on for everyone elsewhere and overrules the phase: nobody is compared. Resume to let "
        "the phase decide, or roll back.",
    )


def _check_lag(vitals: Vitals) -> Concern | None:
    if vitals.lag_s is None:
        return Concern("event_lag", Gravity.WAIT, "Nobody can say how far the events are stored; it waits for them.")
    if vitals.lag_s <= vitals.max_lag_s:
        return None
    return Concern(
        "event_lag",
        Gravity.WAIT,
        f"Events are stored {vitals.lag_s / 60:.0f} min late, more than {vitals.max_lag_s / 60:.0f} min: it waits "
        "for them.",
        {"lag_s": round(vitals.lag_s), "limit_s": round(vitals.max_lag_s)},
    )


def _check_traffic(vitals: Vitals) -> Concern | None:
    if vitals.idle_h < MAX_IDLE_H:
        return None
    return Concern(
        "no_traffic",
        Gravity.HOLD,
        f"No shopper came for {vitals.idle_h:.0f} h, more than {MAX_IDLE_H:.0f} h. Look whether the code still asks "
        "for this experiment, and whether its exposures arrive.",
        {"idle_h": round(vitals.idle_h, 1), "limit_h": MAX_IDLE_H},
    )


def _check_sample_ratio(vitals: Vitals) -> Concern | None:
    counts = [vitals.n_units.get(key, 0) for key, _ in vitals.weights_bp]
    ratio = sample_ratio_mismatch(
        counts=counts, weights=[weight_bp for _, weight_bp in vitals.weights_bp], alpha=SRM_LEVEL
    )
    if isinstance(ratio, Inconclusive) or not ratio.is_anytime_mismatch:
        return None
    told = ", ".join(
        f"{key} {count} of {expected:.0f} expected"
        for (key, _), count, expected in zip(vitals.weights_bp, counts, ratio.expected, strict=True)
    )
    return Concern(
        "srm",
        Gravity.HOLD,
        f"Sample-ratio mismatch: {told}; anytime p {ratio.anytime_p_value:.2g}, below {SRM_LEVEL:g}. No result of this "
        "phase is to be believed: find what loses units, then start a new phase.",
        {"p": ratio.anytime_p_value, "limit": SRM_LEVEL},
    )


def _check_crossover(vitals: Vitals) -> Concern | None:
    found = CrossoverShare(vitals.n_crossover + sum(vitals.n_units.values()), vitals.n_crossover)
    if not found.is_alarm:
        return None
    return Concern(
        "crossover",
        Gravity.HOLD,
        f"{found.n_crossover} of {found.n_units} units ({found.share:.1%}) saw two variations, more than "
        f"{format_percent(round(ALARM_SHARE * 10_000))}. Look for a unit that is not stable.",
        {"share": found.share, "limit": ALARM_SHARE, "n": found.n_crossover},
    )
