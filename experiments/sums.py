"""One pass over a phase's totals: the moments of every metric, by variation, trigger and stratum."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from experiments.layout import Layout
from experiments.metrics import MetricDefinition
from experiments.sources import MetricSource
from experiments.stats import Arm
from experiments.totals import Totals, gather_recent

Arms = dict[str, Arm]

# What has settled, of the units without anything younger: nearly all of them, read from one table by several workers.
SELECT_SETTLED = """
SELECT t.variation_id, t.is_crossover, t.is_triggered, t.stratum, count(*), {columns}
FROM experiments_unittotals t
WHERE t.phase_id = %s AND t.first_at < %s AND {not_recent}
GROUP BY t.variation_id, t.is_crossover, t.is_triggered, t.stratum
"""
# The others as they are at this moment. The offset keeps the additions from being made for every metric again.
SELECT_RECENT = """
SELECT t.variation_id, t.is_crossover, t.is_triggered, t.stratum, count(*), {columns}
FROM (
    SELECT u.variation_id, u.is_crossover, u.is_triggered, u.stratum, u.covariates, {added} AS totals
    FROM experiments_unittotals u JOIN analysis_recent r ON r.unit = u.unit
    WHERE u.phase_id = %s AND u.first_at < %s OFFSET 0
) t
GROUP BY t.variation_id, t.is_crossover, t.is_triggered, t.stratum
"""
# Named in the statement, so that its workers need not see this session's tables; so many at most.
MOST_NAMED = 50_000
NAMED, JOINED = "t.unit <> ALL(%s::text[])", "NOT EXISTS (SELECT FROM analysis_recent r WHERE r.unit = t.unit)"
NO_WINS = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """The units of one variation that share trigger and stratum.

    Attributes:
        arms: moments by metric; x is the denominator of a ratio.
        covariates: moments by metric that has one; x is the covariate.
        wins: units that clicked more on team A's items, on team B's, and as often on both (having clicked).
    """

    variation: str
    is_crossover: bool
    is_triggered: bool
    attributes: Mapping[str, str]
    n: int
    arms: Mapping[str, Arm]
    covariates: Mapping[str, Arm]
    wins: tuple[int, int, int] = NO_WINS


@dataclass(frozen=True, slots=True)
class Sums:
    """All cells of a phase; what is asked of them is added up from the same cells, so that the parts make the whole."""

    cells: tuple[Cell, ...]
    variations: tuple[str, ...]
    metrics: tuple[MetricDefinition, ...] = field(default=())

    @property
    def n_crossover(self) -> int:
        """Units seen in two variations; they are in no other answer."""
        return sum(cell.n for cell in self.cells if cell.is_crossover)

    def count_units(self, *, triggered_only: bool = False) -> dict[str, int]:
        """Analysed units by variation, those without any at 0."""
        counted = dict.fromkeys(self.variations, 0)
        for cell in self._analysed(triggered_only=triggered_only):
            counted[cell.variation] += cell.n
        return counted

    def read_arms(self, *, triggered_only: bool = False) -> dict[str, Arms]:
        """Moments by metric and variation."""
        cells = tuple(self._analysed(triggered_only=triggered_only))
        return {metric.key: self._add(cells, metric.key) for metric in self.metrics}

    def read_covariates(self) -> dict[str, Arms]:
        """Moments with the covariate as x, of the metrics that have one."""
        found: dict[str, Arms] = {}
        for metric in self.metrics:
            if metric.covariate:
                arms = dict.fromkeys(self.variations, Arm())
                for cell in self._analysed():
                    arms[cell.variation] += cell.covariates[metric.key]
                found[metric.key] = arms
        return found

    def read_segments(self) -> dict[tuple[str, str], dict[str, Arms]]:
        """Moments by metric and variation of all units with one value of one attribute."""
        by_value: dict[tuple[str, str], list[Cell]] = {}
        for cell in self._analysed():
            for pair in cell.attributes.items():
                by_value.setdefault(pair, []).append(cell)
        return {
            pair: {metric.key: self._add(cells, metric.key) for metric in self.metrics}
            for pair, cells in sorted(by_value.items())
        }

    def count_wins(self) -> tuple[int, int, int]:
        """Units that preferred team A, team B, and neither although they clicked."""
        a, b, ties = (sum(column) for column in zip(NO_WINS, *(cell.wins for cell in self._analysed()), strict=True))
        return a, b, ties

    def _analysed(self, *, triggered_only: bool = False) -> Iterable[Cell]:
        return (cell for cell in self.cells if not cell.is_crossover and (cell.is_triggered or not triggered_only))

    def _add(self, cells: Iterable[Cell], key: str) -> Arms:
        arms = dict.fromkeys(self.variations, Arm())
        for cell in cells:
            arms[cell.variation] += cell.arms[key]
        return arms


def sum_up(totals: Totals, source: MetricSource, metrics: Iterable[MetricDefinition], *, now: datetime) -> Sums:
    """Every metric's moments in one pass, over the totals and what came since they settled.

    Args:
        totals: brought up to now.
        source: tells what came since.
        metrics: those that the totals were laid out for.
        now: exposures and facts from now on are left out.
    """
    chosen = tuple(metrics)
    variations = list(totals.phase.experiment.variations.order_by("position").values_list("pk", "key"))
    columns = ", ".join(_spell_columns(totals.layout, chosen))
    with connection.cursor() as cursor:
        n_recent = gather_recent(cursor, totals, source, until=now)
        named = []
        if n_recent <= MOST_NAMED:
            cursor.execute("SELECT unit FROM analysis_recent")
            named = [[unit for (unit,) in cursor.fetchall()]]
        settled = SELECT_SETTLED.format(columns=columns, not_recent=NAMED if named else JOINED)
        cursor.execute(settled, (totals.phase.pk, now, *named))
        rows = cursor.fetchall()
        recent = SELECT_RECENT.format(columns=columns, added=totals.layout.add("u.totals", "r.sums"))
        cursor.execute(recent, (totals.phase.pk, now))
        rows += cursor.fetchall()
    cells = tuple(_read_cell(row, dict(variations), chosen, totals.layout) for row in rows)
    return Sums(cells, tuple(key for _, key in variations), chosen)


def store(arms: Mapping[str, Arm]) -> dict[str, dict[str, float]]:
    """Arms as JSON."""
    return {variation: asdict(arm) for variation, arm in arms.items()}


def load(stored: Mapping[str, Mapping[str, Any]]) -> Arms:
    """Arms from JSON."""
    return {variation: Arm(**fields) for variation, fields in stored.items()}


def _spell_columns(layout: Layout, metrics: Iterable[MetricDefinition]) -> Iterable[str]:
    # Moments about the mean: plain sums of squares lose what large means leave of a small variance.
    for metric in metrics:
        y = layout.read_y(metric, "t.totals")
        if metric.kind == "ratio":
            yield from _spell_moments(y, layout.read_x(metric, "t.totals"))
        else:
            yield f"avg({y})"
            yield f"var_pop({y}) * count(*)"
        if metric.covariate:
            yield from _spell_moments(y, layout.read_covariate(metric, "t.covariates"))
    teams = layout.read_teams("t.totals")
    if teams is not None:
        a, b = teams
        yield from (
            f"count(*) FILTER (WHERE {condition})"
            for condition in (f"{a} > {b}", f"{b} > {a}", f"{a} = {b} AND {a} > 0")
        )


def _spell_moments(y: str, x: str) -> Iterable[str]:
    return (f"{function}({y}, {x})" for function in ("regr_avgy", "regr_syy", "regr_avgx", "regr_sxx", "regr_sxy"))


def _read_cell(
    row: tuple[Any, ...], variations: Mapping[int, str], metrics: Iterable[MetricDefinition], layout: Layout
) -> Cell:
    variation_id, is_crossover, is_triggered, stratum, n, *figures = row
    left = iter(figures)
    arms: dict[str, Arm] = {}
    covariates: dict[str, Arm] = {}
    for metric in metrics:
        if metric.kind == "ratio":
            arms[metric.key] = _read_moments(n, left)
        else:
            arms[metric.key] = Arm.from_moments(n=n, mean_y=next(left), centred_yy=max(0.0, next(left)))
        if metric.covariate:
            covariates[metric.key] = _read_moments(n, left)
    wins = (next(left), next(left), next(left)) if layout.read_teams("t.totals") is not None else NO_WINS
    return Cell(
        variation=variations[variation_id],
        is_crossover=is_crossover,
        is_triggered=is_triggered,
        attributes=json.loads(stratum),
        n=n,
        arms=arms,
        covariates=covariates,
        wins=wins,
    )


def _read_moments(n: int, left: Any) -> Arm:
    mean_y, syy, mean_x, sxx, sxy = (next(left) for _ in range(5))
    return Arm.from_moments(
        n=n, mean_y=mean_y, centred_yy=max(0.0, syy), mean_x=mean_x, centred_xx=max(0.0, sxx), centred_xy=sxy
    )
