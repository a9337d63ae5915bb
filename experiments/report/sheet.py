"""The report as CSV: one line a metric and variation, for whoever reckons on in a spreadsheet."""

import csv
from io import StringIO

from experiments.report.values import Comparison, MetricLine, Range, Report

HEADER = (
    *("experiment", "phase", "as_of", "metric", "name", "role", "variation", "control", "treatment", "difference"),
    *("difference_low", "difference_high", "level", "relative", "relative_low", "relative_high", "p_value"),
    *("corrected_p", "correction", "read_out", "finding", "chance_to_beat", "reason"),
)
# A leading one of these makes a spreadsheet run the cell as a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(report: Report) -> str:
    """The metric table as CSV with a header line."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(HEADER)
    for metric in report.metrics:
        writer.writerows(_write_line(report, metric, comparison) for comparison in metric.comparisons)
    return written.getvalue()


def _write_line(report: Report, metric: MetricLine, comparison: Comparison) -> list[object]:
    shift = comparison.shift
    none = Range(None, None)
    interval = shift.interval if shift else none
    relative = (shift.relative_interval if shift else None) or none
    cells = [
        *(report.key, report.phase.number if report.phase else "", report.as_of.isoformat() if report.as_of else ""),
        *(metric.key, metric.name, metric.role, comparison.variation, comparison.control, comparison.treatment),
        *(shift.estimate if shift else None, interval.low, interval.high, shift.level if shift else None),
        *(shift.relative if shift else None, relative.low, relative.high, shift.p_value if shift else None),
        *(comparison.corrected_p, comparison.correction, comparison.read_out, comparison.finding),
        *(comparison.chance_to_beat, comparison.reason),
    ]
    return [_disarm(cell) if isinstance(cell, str) else cell for cell in cells]


def _disarm(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
