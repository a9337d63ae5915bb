"""Flags, experiments, their phases, exposures and the record of every change."""

from experiments.models.audit import RampAction, RampChange
from experiments.models.experiments import Allocation, Design, Experiment, Status, Variation
from experiments.models.exposures import Exposure, UnitLink
from experiments.models.flags import Flag, FlagQuerySet
from experiments.models.layers import Holdout, Layer
from experiments.models.phases import Phase
from experiments.models.results import Metric, Progress, Snapshot, UnitTotals
from experiments.models.salts import make_salt

__all__ = [
    "Allocation",
    "Design",
    "Experiment",
    "Exposure",
    "Flag",
    "FlagQuerySet",
    "Holdout",
    "Layer",
    "Metric",
    "Phase",
    "Progress",
    "RampAction",
    "RampChange",
    "Snapshot",
    "Status",
    "UnitLink",
    "UnitTotals",
    "Variation",
    "make_salt",
]
