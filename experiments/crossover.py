"""PURE rule on crossover: from how many units seen in two variations on the results are not to be trusted."""

from dataclasses import dataclass

ALARM_SHARE = 0.01
# Fewer of them are chance, whatever their share.
ALARM_UNITS = 10


@dataclass(frozen=True, slots=True)
class CrossoverShare:
    """How many units of a phase were seen in two variations, and whether that is too many to trust its results.

    Attributes:
        n_units: all units, those in two variations among them.
        n_crossover: units seen in two variations.
    """

    n_units: int
    n_crossover: int

    @property
    def share(self) -> float:
        """0..1; 0 without units."""
        return self.n_crossover / self.n_units if self.n_units else 0.0

    @property
    def is_alarm(self) -> bool:
        """More than 1%, and at least 10 units.

        Source:
            GrowthBook's default for multiple exposures.
        """
        return self.n_crossover >= ALARM_UNITS and self.share > ALARM_SHARE
