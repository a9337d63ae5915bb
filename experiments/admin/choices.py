"""What a form offers to choose from: the metrics that the project counts."""

from experiments.metrics import all_metrics


def list_metric_choices() -> list[tuple[str, str]]:
    """(key, name) of every metric, by name."""
    return sorted(((metric.key, metric.name) for metric in all_metrics().values()), key=lambda choice: choice[1])
