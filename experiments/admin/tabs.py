"""The pages of one experiment, side by side on each of them."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from experiments.models import Experiment

# Page -> label, in the order they are used. A page whose address a project leaves out has no tab.
PAGES = (("ramp", "Ramp"), ("results", "Results"), ("change", "Plan"), ("planner", "Sample size"))


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


def list_tabs(experiment: Experiment, current: str) -> list[Tab]:
    """The tabs of an experiment's pages.

    Args:
        experiment: A saved one.
        current: Which page this is: ramp, results, change or planner.
    """
    tabs = []
    for page, label in PAGES:
        try:
            url = reverse(f"admin:experiments_experiment_{page}", args=[experiment.pk])
        except NoReverseMatch:
            continue
        tabs.append(Tab(label, url, page == current))
    return tabs
