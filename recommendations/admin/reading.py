"""ReadOnlyMixin, and offline metrics as a table, for pages that only show."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.engine.evaluation.asking import NDCG_AT_25


class ReadOnlyMixin:
    """Nothing here is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def draw_metrics(figures: Mapping[str, Any]) -> SafeString:
    """Return NDCG@25 beside popularity, with 95% intervals, as an HTML table.

    Args:
        figures: as the evaluate step keeps them.
    """
    rows = [
        (
            each["split"],
            "in" if each["repeats"] else "out",
            f"{each['n_cases']:,}",
            _interval(each["recipe"][NDCG_AT_25]),
            _interval(each["popularity"][NDCG_AT_25]),
            f"{each['recipe']['coverage']:.0%}",
        )
        for each in figures.get("splits", [])
    ]
    if not rows:
        return SafeString("Not measured.")
    row = "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"
    head = "<tr><th>Split</th><th>Repeats</th><th>Cases</th><th>Recipe</th><th>Popularity</th><th>Coverage</th></tr>"
    table = "<table><thead>" + head + "</thead><tbody>{}</tbody></table>"
    return format_html(table, format_html_join("", row, rows))


def read_ndcg(figures: Mapping[str, Any]) -> str:
    """Return the NDCG@25 by Personalize's split with repeats, and popularity's, in a few characters."""
    for each in figures.get("splits", []):
        if each["repeats"]:
            return f"{each['recipe'][NDCG_AT_25][0]:.3f} / {each['popularity'][NDCG_AT_25][0]:.3f}"
    return ""


def _interval(figure: Sequence[float]) -> str:
    value, low, high = figure
    return f"{value:.4f} [{low:.4f}, {high:.4f}]"
