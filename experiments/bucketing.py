"""Pure hashing of units into buckets: who is included, and in which variation, for ever the same."""

import hashlib
from collections.abc import Sequence

BUCKETS = 10_000
ENROL_SCOPE = "enrol"
ARM_SCOPE = "arm"
HOLDOUT_SCOPE = "holdout"
LAYER_SCOPE = "layer"


def bucket(salt: str, scope: str, unit: str) -> int:
    """Place a unit in one of 10,000 buckets, the same in every process, version and language.

    Args:
        salt: Random hex of a phase, layer or holdout; never its name, so that no two share their buckets.
        scope: What the bucket decides. Different scopes give independent buckets for the same unit.
        unit: What is randomised, any text.

    Returns:
        0..9999, uniform: the first 8 bytes, big-endian, of SHA-256 over UTF-8 "salt|scope|unit", modulo 10,000.
        The bias of the modulo is below 1e-15.
    """
    digest = hashlib.sha256(f"{salt}|{scope}|{unit}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_enrolled(salt: str, unit: str, coverage_bp: int) -> bool:
    """Say whether a unit is included at this coverage.

    Whoever is included at one coverage is included at every higher one, so a ramp only ever adds.

    Args:
        salt: The phase's salt.
        unit: What is randomised.
        coverage_bp: Share of all units included, in basis points, 0..10,000.

    Returns:
        True for included, False for exempt.
    """
    return bucket(salt, ENROL_SCOPE, unit) < coverage_bp


def is_held_out(salt: str, unit: str, share_bp: int) -> bool:
    """Say whether a holdout keeps a unit from every experiment; a larger share holds out the same units and more.

    Args:
        salt: The holdout's salt.
        unit: What is randomised.
        share_bp: Share of all units held out, in basis points, 0..10,000.
    """
    return bucket(salt, HOLDOUT_SCOPE, unit) < share_bp


def is_in_slots(salt: str, unit: str, start: int, stop: int) -> bool:
    """Say whether a unit lies in a layer's slots [start, stop); slots that do not overlap share no unit.

    Args:
        salt: The layer's salt, the same for all its experiments.
        unit: What is randomised.
        start: First bucket of the slots, 0..9,999.
        stop: The bucket after the last one, 1..10,000.
    """
    return start <= bucket(salt, LAYER_SCOPE, unit) < stop


def choose_variation(salt: str, unit: str, weights_bp: Sequence[tuple[str, int]]) -> str:
    """Pick a unit's variation from an independent hash, so that the coverage cannot move anyone between variations.

    Args:
        salt: The phase's salt.
        unit: What is randomised.
        weights_bp: (variation key, weight in basis points) in the phase's fixed order; the weights sum to 10,000.

    Returns:
        The key of the unit's variation.

    Raises:
        ValueError: The weights do not reach the unit's bucket, so they sum to less than 10,000.
    """
    position = bucket(salt, ARM_SCOPE, unit)
    reached = 0
    for key, weight_bp in weights_bp:
        reached += weight_bp
        if position < reached:
            return key
    raise ValueError(f"weights_bp sums to {reached}, must sum to {BUCKETS}.")
