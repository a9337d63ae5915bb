"""Flags, experiments, their phases, exposures and the record of every change."""

from experiments.models.audit import RampAction, RampChange
from experiments.models.experiments import Allocation, Design, Experiment, ExperimentState, Status, Variation
from experiments.models.exposures import Exposure, UnitLink
from experiments.models.flags import Flag, FlagQuerySet
from experiments.models.layers import Holdout, Layer
from experiments.models.phases import Phase
from experiments.models.salts import make_salt

__all__ = [
    "Allocation",
    "Design",
    "Experiment",
    "ExperimentState",
    "Exposure",
    "Flag",
    "FlagQuerySet",
    "Holdout",
    "Layer",
    "Phase",
    "RampAction",
    "RampChange",
    "Status",
    "UnitLink",
    "Variation",
    "make_salt",
]
