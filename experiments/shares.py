"""Pure arithmetic between coverage, the share that sees the feature, and the percentages people type."""

from collections.abc import Collection, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from experiments.bucketing import BUCKETS


def freeze_weights(stored: Iterable[Iterable[Any]]) -> tuple[tuple[str, int], ...]:
    """Stored [[variation key, basis points], ...] as an immutable value."""
    return tuple((str(key), int(weight_bp)) for key, weight_bp in stored)


def are_weights_complete(weights_bp: Iterable[Iterable[Any]], variations: Collection[str]) -> bool:
    """Whether every weight is for a different known variation, none is negative and they sum to 10,000."""
    frozen = freeze_weights(weights_bp)
    keys = [key for key, _ in frozen]
    return (
        len(set(keys)) == len(keys)
        and set(keys) <= set(variations)
        and all(weight_bp >= 0 for _, weight_bp in frozen)
        and sum(weight_bp for _, weight_bp in frozen) == BUCKETS
    )


def split_evenly(keys: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Equal weights in the given order; what does not divide goes to the first ones, a basis point each."""
    share_bp, left_bp = divmod(BUCKETS, len(keys))
    return tuple((key, share_bp + (place < left_bp)) for place, key in enumerate(keys))


def find_featured_weight(weights_bp: Sequence[tuple[str, int]], control: str) -> int:
    """Weight, in basis points, of all variations but control."""
    return sum(weight_bp for key, weight_bp in weights_bp if key != control)


def find_seen(coverage_bp: int, featured_bp: int) -> int:
    """Share of all units that sees the feature, in basis points, half rounded up.

    Args:
        coverage_bp: Share included, 0..10,000.
        featured_bp: Weight of all variations but control, 0..10,000.
    """
    return (coverage_bp * featured_bp + BUCKETS // 2) // BUCKETS


def find_coverage(seen_bp: int, featured_bp: int) -> int:
    """Coverage, in basis points, at which `seen_bp` of all units see the feature.

    Args:
        seen_bp: Share that is to see the feature, 0..10,000.
        featured_bp: Weight of all variations but control, 1..10,000.

    Raises:
        ValueError: More than `featured_bp` cannot see it while control keeps its weight.
    """
    if not 0 <= seen_bp <= featured_bp:
        most = format_percent(featured_bp)
        raise ValueError(
            f"A share of {format_percent(seen_bp)} cannot see it: with these weights at most {most} can, because "
            f"control keeps its part. Give 0 to {most}, or turn it on for everyone."
        )
    return (seen_bp * BUCKETS + featured_bp // 2) // featured_bp


def parse_percent(text: str) -> int:
    """Read "2.5", "2.5%" or "2.5 %" as basis points.

    Raises:
        ValueError: Not a number from 0 to 100 with at most two decimals.
    """
    cleaned = text.strip().removesuffix("%").strip()
    try:
        share_bp = Decimal(cleaned) * 100
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a percentage. Give a number from 0 to 100, for example 2.5.") from None
    if not share_bp.is_finite() or not 0 <= share_bp <= BUCKETS:
        raise ValueError(f"{text!r} is out of range. Give a percentage from 0 to 100.")
    if share_bp != share_bp.to_integral_value():
        raise ValueError(f"{text!r} is finer than 0.01%. Give at most two decimals.")
    return int(share_bp)


def format_percent(share_bp: int) -> str:
    """Write basis points as a percentage without needless zeros: 250 is "2.5%"."""
    percent = (Decimal(share_bp) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{percent:f}".rstrip("0").rstrip(".") + "%"
