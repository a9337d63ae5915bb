"""The layout of a unit's totals: which measure stands at which place, and the SQL expressions that sum and read it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.metrics import MetricDefinition

# The facts that interleaving prefers by: clicks on what either team drafted.
TEAM_FACTS = ("team_clicks:a", "team_clicks:b")
TEAM_WINDOW_DAYS = 366

Measure = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of totals (a fact within a window) and of covariates (a fact of the thirty days before)."""

    measures: tuple[Measure, ...]
    covariates: tuple[str, ...]

    @classmethod
    def of(cls, metrics: Iterable[MetricDefinition], *, facts: Iterable[str]) -> "Layout":
        """What these metrics need, and the teams' clicks where the source has them; always in the same order.

        Args:
            metrics: in any order.
            facts: all facts of the source.
        """
        chosen, known = tuple(metrics), set(facts)
        measures = {(fact, metric.window_days) for metric in chosen for fact in metric.facts}
        measures |= {(fact, TEAM_WINDOW_DAYS) for fact in TEAM_FACTS if fact in known}
        return cls(tuple(sorted(measures)), tuple(sorted({metric.covariate for metric in chosen if metric.covariate})))

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that the measures need, each once."""
        return tuple(sorted({fact for fact, _ in self.measures}))

    @property
    def longest_days(self) -> int:
        """The longest window."""
        return max((days for _, days in self.measures), default=1)

    @property
    def windows(self) -> tuple[int, ...]:
        """All windows in days, the shortest first."""
        return tuple(sorted({days for _, days in self.measures} or {1}))

    def spell_ends(self, first_at: str) -> str:
        """The ends of a member's windows as columns, each worked out once a member and not once a fact."""
        return ", ".join(f"{first_at} + interval '{days} days' AS until_{days}" for days in self.windows)

    def find_longest(self, facts: Collection[str]) -> int:
        """The longest window of the measures of these facts."""
        return max((days for fact, days in self.measures if fact in facts), default=1)

    def list_sums(self, facts: Sequence[str]) -> list[tuple[int, str]]:
        """Places of the measures that a table with these facts decides, and their sums over its rows `f`.

        The rows are those of a member `m` within the longest window of these facts.
        """
        longest = self.find_longest(facts)
        return [
            (
                place,
                f"sum(f.v{facts.index(fact)})" + ("" if days == longest else f" FILTER (WHERE f.at < m.until_{days})"),
            )
            for place, (fact, days) in enumerate(self.measures)
            if fact in facts
        ]

    def list_covariate_sums(self, facts: Sequence[str]) -> list[tuple[int, str]]:
        """The same of the covariates."""
        return [(place, f"sum(f.v{facts.index(fact)})") for place, fact in enumerate(self.covariates) if fact in facts]

    def sum_after(self) -> str:
        """An array of all measures of the facts `f` of a member `m`; nothing outside a measure's window counts."""
        facts = self.facts
        return _array(
            f"COALESCE(sum(f.value) FILTER (WHERE f.fact = {facts.index(fact)}{self._within(days)}), 0)"
            for fact, days in self.measures
        )

    def read_totals(self, columns: Mapping[int, str]) -> str:
        """An array of the measures that columns hold by their places, 0 where one is NULL or not there."""
        return _array(f"COALESCE({columns.get(place, 'NULL')}, 0)" for place in range(len(self.measures)))

    def read_covariates(self, columns: Mapping[int, str]) -> str:
        """The same of the covariates."""
        return _array(f"COALESCE({columns.get(place, 'NULL')}, 0)" for place in range(len(self.covariates)))

    def add(self, left: str, right: str) -> str:
        """An array of the sums of two arrays of measures, place by place."""
        return _array(f"{left}[{place}] + {right}[{place}]" for place in range(1, len(self.measures) + 1))

    def read_y(self, metric: MetricDefinition, totals: str) -> str:
        """The outcome of a unit whose totals the expression gives: 0 or 1 for a proportion, else capped."""
        total = self._read(metric.numerator, metric.window_days, totals)
        if metric.kind == "proportion":
            return f"(CASE WHEN {total} > 0 THEN 1.0 ELSE 0.0 END)::float8"
        return total if metric.cap is None else f"LEAST({total}, {float(metric.cap)!r}::float8)"

    def read_x(self, metric: MetricDefinition, totals: str) -> str:
        """The denominator of a unit."""
        return self._read(metric.denominator, metric.window_days, totals)

    def read_covariate(self, metric: MetricDefinition, covariates: str) -> str:
        """What foretells a unit's outcome."""
        return f"{covariates}[{self.covariates.index(metric.covariate) + 1}]"

    def read_teams(self, totals: str) -> tuple[str, str] | None:
        """Clicks on either team's items, or None where the source does not tell."""
        if not all((fact, TEAM_WINDOW_DAYS) in self.measures for fact in TEAM_FACTS):
            return None
        a, b = (self._read(fact, TEAM_WINDOW_DAYS, totals) for fact in TEAM_FACTS)
        return a, b

    def _read(self, fact: str, days: int, totals: str) -> str:
        return f"{totals}[{self.measures.index((fact, days)) + 1}]"

    def _within(self, days: int) -> str:
        # The longest window bounds all rows already.
        return "" if days == self.longest_days else f" AND f.at < m.until_{days}"


def _array(parts: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(parts)}]::float8[]"
