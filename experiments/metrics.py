"""Metrics: what is compared between variations, declared in code by the project or made in the admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from experiments.exceptions import ExperimentsError
from experiments.models import Metric
from experiments.sources import metric_source

Kind = Literal["proportion", "mean", "ratio"]
Measured = Literal["share", "count", "money", "ms"]

DEFAULT_WINDOW_DAYS = 14
MAX_WINDOW_DAYS = 366
# A covariate is a unit's total of a fact in so many days before its first exposure.
COVARIATE_DAYS = 30


class UnknownMetric(ExperimentsError):
    """No metric has this key."""

    code = "unknown_metric"

    def __init__(self, key: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no metric {key!r}. Known are {', '.join(sorted(known)) or 'none'}.")
        self.key = key


class InvalidMetric(ExperimentsError):
    """A definition that cannot be computed; the message names the field and the fix."""

    code = "invalid_metric"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric over a unit's facts from its first exposure on.

    With Y a unit's total of the numerator within the window, and X that of the denominator:
    a proportion is the share of units with Y > 0, a mean the average of min(Y, cap), a ratio the sum of Y over the sum
    of X, each compared per unit (ratios by the delta method).

    Attributes:
        key: what plans name it by; it never changes.
        name: as pages show it.
        kind: see above.
        numerator, denominator: facts; only a ratio has a denominator.
        window_days: facts of so many days from a unit's first exposure count.
        cap: a unit's total counts at most so much (winsorised), fixed before the experiment; None for no cap. A ratio
            takes none: cutting its numerator alone would make the busiest units worth less for each X.
        higher_is_better: which direction is an improvement.
        covariate: a fact of the 30 days before exposure that predicts the outcome (CUPED); "" for none.
        description: what it says, and what it does not.
        measured: what the numbers are, for pages.

    Raises:
        InvalidMetric: a ratio without denominator, with a covariate or with a cap, another kind with a denominator, a
            cap not above 0, a window outside 1..366 days.
    """

    key: str
    name: str
    kind: Kind
    numerator: str
    denominator: str = ""
    window_days: int = DEFAULT_WINDOW_DAYS
    cap: float | None = None
    higher_is_better: bool = True
    covariate: str = ""
    description: str = ""
    measured: Measured = "count"

    def __post_init__(self) -> None:
        if (self.kind == "ratio") != bool(self.denominator):
            raise InvalidMetric(f"{self.key}: denominator: a ratio needs one, other kinds have none.")
        if self.kind == "ratio" and self.covariate:
            raise InvalidMetric(f"{self.key}: covariate: a ratio takes none; leave it empty.")
        if self.kind == "ratio" and self.cap is not None:
            raise InvalidMetric(f"{self.key}: cap: a ratio takes none, since its denominator has none; leave it empty.")
        if self.cap is not None and not self.cap > 0:
            raise InvalidMetric(f"{self.key}: cap == {self.cap}, must be above 0, or None.")
        if not 1 <= self.window_days <= MAX_WINDOW_DAYS:
            raise InvalidMetric(f"{self.key}: window_days == {self.window_days}, must be 1..{MAX_WINDOW_DAYS}.")

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it is made of after exposure."""
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)


def all_metrics() -> dict[str, MetricDefinition]:
    """Every metric that can be computed now, by key: those of the source, then those made in the admin.

    A metric of a fact that the source no longer has is left out.
    """
    source = metric_source()
    facts = {fact.key for fact in source.list_facts()}
    early = {fact.key for fact in source.list_facts() if fact.is_early}
    found = {metric.key: metric for metric in source.list_metrics()}
    for row in Metric.objects.filter(is_active=True):
        found.setdefault(row.key, define(row))
    return {
        key: metric
        for key, metric in found.items()
        if facts.issuperset(metric.facts) and (not metric.covariate or metric.covariate in early)
    }


def define(row: Metric) -> MetricDefinition:
    """The definition that an admin's row stands for.

    Raises:
        InvalidMetric: `invalid_metric`; rows that came past the form.
    """
    kinds: dict[str, Kind] = {"proportion": "proportion", "mean": "mean", "ratio": "ratio"}
    measured: Measured = "share" if row.kind in {"proportion", "ratio"} else "count"
    return MetricDefinition(
        key=row.key,
        name=row.name,
        kind=kinds[row.kind],
        numerator=row.numerator,
        denominator=row.denominator,
        window_days=row.window_days,
        cap=row.cap,
        higher_is_better=row.higher_is_better,
        covariate=row.covariate,
        description=row.description,
        measured=measured,
    )
