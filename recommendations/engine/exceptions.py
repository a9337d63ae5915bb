"""The engine's errors, each with a stable code for logs, APIs and metrics."""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""

    code: ClassVar[str] = "engine_error"


class NotFitted(EngineError):
    """A model was asked for something that only training gives it."""

    code = "not_fitted"


class UnknownId(EngineError):
    """An item or user id that the model has never seen."""

    code = "unknown_id"


class UnknownRecipe(EngineError):
    """A recipe name that is not in the table of recipes."""

    code = "unknown_recipe"


class InvalidHyperparameter(EngineError):
    """A hyperparameter that is unknown, of the wrong type or out of range; the message names it."""

    code = "invalid_hyperparameter"


class InvalidInteractions(EngineError):
    """Interactions that cannot be read; the message names the line and column, and the fix."""

    code = "invalid_interactions"


class InvalidMetadata(EngineError):
    """Attributes of items or users that cannot be read; the message names the line and column, and the fix."""

    code = "invalid_metadata"


class InvalidFilter(EngineError):
    """A filter that cannot be understood or does not fit the data; the message names the place and the fix."""

    code = "invalid_filter"


class InvalidFilterValue(EngineError):
    """What a request gives for a filter's parameters does not fit; the message names the parameter and the fix."""

    code = "invalid_filter_value"


class MissingMetadata(EngineError):
    """A model that learns from attributes was given none; the message names the data set to import."""

    code = "missing_metadata"


class NotEnoughData(EngineError):
    """Too few interactions are left to train or to measure on."""

    code = "not_enough_data"


class ArtifactCorrupt(EngineError):
    """A saved model that is incomplete, changed or of an unknown format."""

    code = "artifact_corrupt"


class ArtifactExists(EngineError):
    """A saved model is already there, and replacing it was not asked for."""

    code = "artifact_exists"


class TrainingStopped(EngineError):
    """Training ended early because its caller asked it to."""

    code = "training_stopped"


class ExtraMissing(EngineError):
    """A recipe that needs a package which is not installed; the message tells the command that installs it."""

    code = "extra_missing"
