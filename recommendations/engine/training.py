"""What a caller may ask of a training while it runs: progress, a stop, a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from recommendations.engine.exceptions import TrainingStopped

Progress = Callable[[float, str], None]
ShouldStop = Callable[[], bool]


@dataclass(slots=True)
class TrainingRun:
    """One call of `fit`: reports a share that never falls, and ends when its caller wants it to.

    Attributes:
        progress: called with the share done, 0..1, and a note.
        should_stop: asked at every report.
        budget_s: CPU-seconds that the training may use; None for no limit.
        checkpoint: a folder where a long training keeps its state; None to keep none.
    """

    progress: Progress | None = None
    should_stop: ShouldStop | None = None
    budget_s: float | None = None
    checkpoint: Path | None = None
    _started_s: float = field(default_factory=time.process_time)
    _low: float = 0.0
    _high: float = 1.0
    _reported: float = 0.0

    def report(self, share: float, note: str) -> None:
        """Report that `share`, 0..1, of this run is done.

        Raises:
            TrainingStopped: the caller asked to stop.
        """
        if self.should_stop is not None and self.should_stop():
            raise TrainingStopped(f"Training was stopped before: {note}.")
        overall = self._low + min(max(share, 0.0), 1.0) * (self._high - self._low)
        self._reported = max(self._reported, overall)
        if self.progress is not None:
            self.progress(self._reported, note)

    def part(self, start: float, stop: float) -> TrainingRun:
        """Return a run whose 0..1 is this run's start..stop, with the same budget and clock and a folder of its own."""
        width = self._high - self._low
        low, high = self._low + start * width, self._low + stop * width
        folder = None if self.checkpoint is None else self.checkpoint / f"from-{start:.6f}"
        return TrainingRun(self.progress, self.should_stop, self.budget_s, folder, self._started_s, low, high, low)

    @property
    def allowance_s(self) -> float | None:
        """The share of the budget that its caller planned for this run, in CPU-seconds, whatever was used so far."""
        return None if self.budget_s is None else self.budget_s * (self._high - self._low)

    @property
    def spent_s(self) -> float:
        """CPU-seconds used by this process since the run began."""
        return time.process_time() - self._started_s

    def affords(self, seconds: float) -> bool:
        """Return whether `seconds` more CPU-seconds fit the budget."""
        return self.budget_s is None or self.spent_s + seconds <= self.budget_s
