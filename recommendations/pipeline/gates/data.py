"""Gates on the data, before anything is trained on them: rows that fit their schema, and about as many as before."""

from recommendations.pipeline.etl.report import DataReport, DatasetCounts
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.results import GateResult, judged, not_judged
from recommendations.ports import DatasetType


def check_schema_errors(report: DataReport, bounds: GateBounds) -> GateResult:
    """Return whether few enough rows of every dataset were refused.

    Args:
        report: what was exported.
        bounds: `max_refused_share` is used.
    """
    name, counts = max(report.datasets.items(), key=lambda pair: _refused_share(pair[1]))
    share = _refused_share(counts)
    worst = max(counts.refused.items(), key=lambda pair: pair[1], default=("", 0))[0]
    note = f"{share:.2%} of the rows of {name} do not fit their schema" + (f", most often: {worst}." if worst else ".")
    bound = f"at most {bounds.max_refused_share:.0%}"
    return judged("schema_errors", share, bound, note, is_passed=share <= bounds.max_refused_share)


def check_row_count(report: DataReport, median_rows: float | None, bounds: GateBounds) -> GateResult:
    """Return whether about as many interactions were exported as by the runs of the last seven days.

    Args:
        report: what was exported.
        median_rows: interactions of those runs; None where there are too few of them.
        bounds: `max_row_change_share` is used.
    """
    bound = f"within {bounds.max_row_change_share:.0%} of the 7-day median"
    n_rows = report.datasets[DatasetType.INTERACTIONS].n_exported
    if not median_rows:
        return not_judged("row_count", bound, f"{n_rows:,} interactions; too few earlier runs to compare with.")
    change = round(n_rows / median_rows - 1, 9)
    note = f"{n_rows:,} interactions are {change:+.0%} against the 7-day median of {median_rows:,.0f}."
    return judged("row_count", change, bound, note, is_passed=abs(change) <= bounds.max_row_change_share)


def _refused_share(counts: DatasetCounts) -> float:
    # What was left out on purpose was never checked.
    n_checked = counts.n_exported + counts.n_refused
    return counts.n_refused / n_checked if n_checked else 0.0
