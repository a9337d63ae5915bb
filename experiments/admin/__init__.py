"""The admin of experiments; importing a module registers its pages."""

from experiments.admin import audit, experiments, flags, layers, metrics

__all__ = ["audit", "experiments", "flags", "layers", "metrics"]
