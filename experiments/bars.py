"""Pure geometry of the one bar that shows who gets what: control, treatment, exempt."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.bucketing import BUCKETS
from experiments.shares import format_percent

# Enough tones for any experiment's variations; the stylesheet has one rule for each.
TONES = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the bar; `start` and `width` are in basis points of it."""

    label: str
    tone: str
    start: int
    width: int

    @property
    def percent(self) -> str:
        return format_percent(self.width)


@dataclass(frozen=True, slots=True)
class BarVariation:
    key: str
    name: str
    is_control: bool


def draw_allocation(
    variations: Sequence[BarVariation], weights_bp: Sequence[tuple[str, int]], coverage_bp: int
) -> tuple[Segment, ...]:
    """Segments of a running phase: each variation's share of all units, then whoever is exempt.

    Args:
        variations: In the order to draw them.
        weights_bp: (variation key, weight in basis points) of the phase.
        coverage_bp: Share included, 0..10,000.

    Returns:
        Segments that fill 10,000 exactly; empty ones are left out.
    """
    weights = dict(weights_bp)
    segments: list[Segment] = []
    reached_weight = start = 0
    for variation, tone in _with_tones(variations):
        reached_weight += weights.get(variation.key, 0)
        # Rounded edges, not rounded widths: the parts then always sum to the coverage.
        end = (coverage_bp * reached_weight + BUCKETS // 2) // BUCKETS
        segments.append(Segment(variation.name, tone, start, end - start))
        start = end
    segments.append(Segment("Exempt", "exempt", start, BUCKETS - start))
    return tuple(segment for segment in segments if segment.width)


def draw_everyone(variations: Sequence[BarVariation], key: str) -> tuple[Segment, ...]:
    """One segment: everybody gets this variation."""
    return tuple(
        Segment(variation.name, tone, 0, BUCKETS) for variation, tone in _with_tones(variations) if variation.key == key
    )


def _with_tones(variations: Sequence[BarVariation]) -> list[tuple[BarVariation, str]]:
    toned: list[tuple[BarVariation, str]] = []
    place = 0
    for variation in variations:
        if variation.is_control:
            toned.append((variation, "control"))
        else:
            toned.append((variation, f"featured-{place % TONES}"))
            place += 1
    return toned
