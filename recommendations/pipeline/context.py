"""What a step gets to work with, and the three answers it may give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recommendations import conf
from recommendations.models import Deployment, RetrainRun, Rotation
from recommendations.ports import Backend

Progress = Callable[[float, str], None]


def ignore_progress(share: float, note: str) -> None:
    """Take a step's progress and tell nobody."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """One run as a step sees it. Steps read it and the backend; what they find out goes into their answer.

    Attributes:
        run: as its holder claimed it.
        rotation: what is rebuilt.
        deployment: the dormant side that is rebuilt.
        backend: where.
        progress: takes the share done of this step, 0..1, and a note.
    """

    run: RetrainRun
    rotation: Rotation
    deployment: Deployment
    backend: Backend
    progress: Progress = ignore_progress

    def now(self) -> datetime:
        """The world's time."""
        return conf.now()


@dataclass(frozen=True, slots=True)
class Done:
    """The step's work is there, whoever did it.

    Attributes:
        note: one line for people.
        figures: kept in the run's report under the step's name.
        deployment: fields of the deployment to set.
        run: fields of the run to set.
    """

    note: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    deployment: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something must happen elsewhere first; ask again.

    Attributes:
        note: what is waited for.
        figures: kept in the run's report under the step's name, for the next time.
        is_retry: whether an error is waited out, which has an end.
    """

    note: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on.

    Attributes:
        reason: what is wrong.
        fix: what to do about it.
        figures: kept in the run's report under the step's name.
    """

    reason: str
    fix: str
    figures: Mapping[str, Any] = field(default_factory=dict)


Outcome = Done | Waiting | Failed
