"""One variation's outcomes as a count, means and centred sums: all that tests need, addable over days and shards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from experiments.stats.checks import check_count, check_finite
from experiments.stats.exceptions import StatsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Number = int | float | Decimal | Fraction

# Sums kept in floating point are wrong by about this share: a spread below it is rounding, not variance.
ROUNDING = 1e-12
# Beyond these, squares and products of the tests would overflow.
LARGEST_MEAN = 1e150
LARGEST_SUM = 1e300


@dataclass(frozen=True, slots=True)
class Arm:
    """The units of one variation: outcome y and, for ratios and covariates, a second value x for each unit.

    Moments are kept about their means, so that large means (revenue in cents, timestamps) cost no precision. Adding is
    exact in arithmetic and commutes: `day_1 + day_2`, or `sum(days, Arm())`.

    Attributes:
        n: units.
        mean_y, mean_x: averages over units; 0 without units.
        centred_yy, centred_xx: sums of squared deviations from the mean.
        centred_xy: sum of products of both deviations.

    Raises:
        StatsError: a negative or fractional n, a value that is not finite, or moments that no units could have.

    Source:
        Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", formula 1.5 for adding.
    """

    n: int = 0
    mean_y: float = 0.0
    centred_yy: float = 0.0
    mean_x: float = 0.0
    centred_xx: float = 0.0
    centred_xy: float = 0.0

    def __post_init__(self) -> None:
        check_count(self.n, "n")
        for field in fields(self)[1:]:
            value, largest = getattr(self, field.name), LARGEST_MEAN if "mean" in field.name else LARGEST_SUM
            check_finite(value, field.name)
            if abs(value) > largest:
                raise StatsError(field.name, f"{value!r} is too large to square; measure in a larger unit.")
        for name in ("centred_yy", "centred_xx"):
            if getattr(self, name) < 0:
                raise StatsError(name, f"{getattr(self, name)!r} is negative; a sum of squares cannot be.")
        if abs(self.centred_xy) > math.sqrt(self.centred_yy) * math.sqrt(self.centred_xx) * (1 + 1e-6) + 1e-300:
            raise StatsError("centred_xy", "is larger than its squares allow; take all sums over the same units.")

    @classmethod
    def from_sums(
        cls,
        *,
        n: int,
        sum_y: Number,
        sum_yy: Number,
        sum_x: Number = 0,
        sum_xx: Number = 0,
        sum_xy: Number = 0,
    ) -> Arm:
        """Build from plain sums over units, as SQL gives them.

        Whole numbers and Decimals are centred exactly, whatever their size. Floating-point sums cannot tell a spread
        below a millionth of the mean from rounding, and count it as none: there use whole units (cents), or
        PostgreSQL's `regr_syy` family with `from_moments`.

        Args:
            n: units.
            sum_y, sum_yy: sum of y and of y squared.
            sum_x, sum_xx, sum_xy: the same of the denominator or covariate, and of the products.

        Raises:
            StatsError: see the class; also sums of squares that are smaller than their sums allow.
        """
        check_count(n, "n")
        sums = {"sum_y": sum_y, "sum_yy": sum_yy, "sum_x": sum_x, "sum_xx": sum_xx, "sum_xy": sum_xy}
        for name, value in sums.items():
            check_finite(float(value), name)
        if n == 0:
            if any(sums.values()):
                raise StatsError("n", "is 0 while a sum is not; count the units that the sums are over.")
            return cls()
        yy, xx = _centred_square(sum_yy, sum_y, n, "sum_yy"), _centred_square(sum_xx, sum_x, n, "sum_xx")
        y, x = Fraction(sum_y), Fraction(sum_x)
        return cls(
            n=n,
            mean_y=float(y / n),
            centred_yy=yy,
            mean_x=float(x / n),
            centred_xx=xx,
            centred_xy=_hold_to(math.sqrt(yy) * math.sqrt(xx), float(Fraction(sum_xy) - x * y / n), float(sum_xy)),
        )

    @classmethod
    def from_moments(
        cls,
        *,
        n: int,
        mean_y: Number,
        centred_yy: Number,
        mean_x: Number = 0,
        centred_xx: Number = 0,
        centred_xy: Number = 0,
    ) -> Arm:
        """Build from centred moments: in PostgreSQL `regr_count(y, x)`, `regr_avgy`, `regr_syy`, `regr_avgx`,
        `regr_sxx` and `regr_sxy`, which are computed about the mean.

        Args:
            n: units.
            mean_y, mean_x: averages over units.
            centred_yy, centred_xx, centred_xy: sums of products of deviations, not divided by n.

        Raises:
            StatsError: see the class.
        """
        yy = _without_rounding(n, float(mean_y), float(centred_yy))
        xx = _without_rounding(n, float(mean_x), float(centred_xx))
        product = _hold_to(
            math.sqrt(max(0.0, yy)) * math.sqrt(max(0.0, xx)), float(centred_xy), n * float(mean_x) * float(mean_y)
        )
        return cls(n, float(mean_y), yy, float(mean_x), xx, product)

    @classmethod
    def from_counts(cls, *, n: int, successes: int) -> Arm:
        """Build the arm of a proportion: units of which each succeeded or not.

        Args:
            n: units.
            successes: units with y = 1, at most n.

        Raises:
            StatsError: a negative count, or more successes than units.
        """
        check_count(n, "n")
        check_count(successes, "successes")
        if successes > n:
            raise StatsError("successes", f"{successes} of {n} units; count units that succeeded, not events.")
        return cls.from_sums(n=n, sum_y=successes, sum_yy=successes)

    @classmethod
    def from_values(
        cls,
        y: Sequence[float] | NDArray[np.floating | np.integer | np.bool_],
        x: Sequence[float] | NDArray[np.floating | np.integer | np.bool_] | None = None,
    ) -> Arm:
        """Build from one value a unit, shape (n,) each.

        Args:
            y: outcomes.
            x: denominators or covariates of the same units in the same order.

        Raises:
            StatsError: a value that is not finite, or shapes that differ.
        """
        import numpy as np

        outcome = np.asarray(y, dtype=np.float64)
        other = np.zeros_like(outcome) if x is None else np.asarray(x, dtype=np.float64)
        if outcome.ndim != 1 or outcome.shape != other.shape:
            raise StatsError("x", f"shape {other.shape} beside y's {outcome.shape}; give one value a unit in each.")
        if not len(outcome):
            return cls()
        with np.errstate(over="ignore", invalid="ignore"):
            mean_y, mean_x = float(outcome.mean()), float(other.mean())
            dy, dx = outcome - mean_y, other - mean_x
            yy, xx = (0.0 if _is_constant(values) else float(d @ d) for values, d in ((outcome, dy), (other, dx)))
            product = float(dx @ dy) if yy and xx else 0.0
        check_finite(mean_y, "y")
        check_finite(mean_x, "x")
        return cls(len(outcome), mean_y, yy, mean_x, xx, product)

    def __add__(self, other: Arm) -> Arm:
        if not isinstance(other, Arm):
            return NotImplemented
        if not self.n or not other.n:
            return other if not self.n else self
        n = self.n + other.n
        dy, dx, weight = other.mean_y - self.mean_y, other.mean_x - self.mean_x, self.n * other.n / n
        return Arm(
            n=n,
            mean_y=(self.n * self.mean_y + other.n * other.mean_y) / n,
            centred_yy=self.centred_yy + other.centred_yy + dy * dy * weight,
            mean_x=(self.n * self.mean_x + other.n * other.mean_x) / n,
            centred_xx=self.centred_xx + other.centred_xx + dx * dx * weight,
            centred_xy=self.centred_xy + other.centred_xy + dx * dy * weight,
        )

    @property
    def variance_y(self) -> float:
        """Sample variance of y, over n - 1; 0 below two units."""
        return self.centred_yy / (self.n - 1) if self.n > 1 else 0.0

    @property
    def variance_x(self) -> float:
        """Sample variance of x, over n - 1; 0 below two units."""
        return self.centred_xx / (self.n - 1) if self.n > 1 else 0.0

    @property
    def covariance(self) -> float:
        """Sample covariance of x and y, over n - 1; 0 below two units."""
        return self.centred_xy / (self.n - 1) if self.n > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Standard error of the mean of y; 0 below two units."""
        return math.sqrt(self.variance_y) / math.sqrt(self.n) if self.n > 1 else 0.0

    def scaled(self, factor: float) -> Arm:
        """Return the arm with every y multiplied, which turns a relative margin into "no difference"."""
        check_finite(factor, "factor")
        return Arm(
            self.n,
            self.mean_y * factor,
            self.centred_yy * factor * factor,
            self.mean_x,
            self.centred_xx,
            self.centred_xy * factor,
        )

    def shifted(self, offset: float) -> Arm:
        """Return the arm with a constant added to every y, which turns an absolute margin into "no difference"."""
        check_finite(offset, "offset")
        return Arm(
            self.n,
            self.mean_y + offset if self.n else 0.0,
            self.centred_yy,
            self.mean_x,
            self.centred_xx,
            self.centred_xy,
        )


def _without_rounding(n: int, mean: float, centred: float) -> float:
    """Return 0 for a spread that is only what rounding leaves of equal values."""
    rounding = ROUNDING * mean
    return 0.0 if abs(centred) <= n * rounding * rounding else centred


def _is_constant(values: NDArray[np.float64]) -> bool:
    return bool((values == values[0]).all())


def _centred_square(square: Number, total: Number, n: int, argument: str) -> float:
    """Return the sum of squared deviations, exact up to the rounding that the sums came with."""
    centred = Fraction(square) - Fraction(total) ** 2 / n
    is_rounded = isinstance(square, float) or isinstance(total, float)
    if is_rounded and abs(centred) <= ROUNDING * abs(Fraction(square)):
        return 0.0
    if centred < 0:
        raise StatsError(argument, f"{square!r} is below the square of the sum over n; sum the squares of each unit.")
    return float(centred)


def _hold_to(bound: float, product: float, scale: float) -> float:
    """Return a sum of products, held to the bound of its squares where only the rounding of its scale passes it."""
    if 0 < abs(product) - bound <= ROUNDING * abs(scale):
        return math.copysign(bound, product)
    return product
