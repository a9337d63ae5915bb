"""What can go wrong with an experiment, each with a stable code."""

from collections.abc import Sequence


class ExperimentsError(Exception):
    """Base of this package's errors; `code` is what logs, APIs and metrics carry."""

    code = "experiments_error"


class UnknownExperiment(ExperimentsError):
    """No experiment has this key."""

    code = "unknown_experiment"

    def __init__(self, key: str, known: Sequence[str] = ()) -> None:
        told = f"Known are {', '.join(known)}." if known else "Make one in the admin, or with ensure_experiment."
        super().__init__(f"There is no experiment {key!r}. {told}")
        self.key = key


class DefinitionFrozen(ExperimentsError):
    """The variations of an experiment that has already run differ from the ones asked for."""

    code = "definition_frozen"


class IllegalRamp(ExperimentsError):
    """A change of who sees a feature that its present state forbids; `code` says which rule."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PlanIncomplete(IllegalRamp):
    """An experiment cannot start as it is planned; `faults` holds (field, what to do) for each field at fault."""

    def __init__(self, key: str, faults: Sequence[tuple[str, str]]) -> None:
        told = " ".join(message for _, message in faults)
        super().__init__("plan_incomplete", f"{key!r} cannot start yet. {told}")
        self.faults = tuple(faults)
