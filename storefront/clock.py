"""The world's clock: now() is the system's time plus this world's offset, at this world's rate."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storefront.world_file import WorldFile

# Partitions, identifiers and calendars hold for these years; a clock that runs fast stands still at their end.
EARLIEST, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
EARLIEST_S, LATEST_S = EARLIEST.timestamp(), END.timestamp() - 1
FASTEST = 1_000_000.0


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """World time = anchor_world_s + (system time - anchor_system_s) * rate, in epoch seconds."""

    anchor_system_s: float = 0.0
    anchor_world_s: float = 0.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("anchor_system_s", "anchor_world_s", "rate"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{name} == {value!r}, must be a finite number")
        if not 0 < self.rate <= FASTEST:
            raise ValueError(f"rate == {self.rate:g}, must be above 0 and at most {FASTEST:.0f}")

    def world_s(self, system_s: float) -> float:
        """World epoch seconds at the given system epoch seconds."""
        told_s = self.anchor_world_s + (system_s - self.anchor_system_s) * self.rate
        return min(max(told_s, EARLIEST_S), LATEST_S)


class Clock:
    """Tells the time of one world, the same in all its processes."""

    def __init__(self, path: Path) -> None:
        self._file = WorldFile(path, ClockSetting)
        self._replayed_s: ContextVar[float | None] = ContextVar("replayed_s", default=None)

    def now(self) -> datetime:
        """The world's time, aware, in UTC."""
        return datetime.fromtimestamp(self.now_s(), tz=UTC)

    def now_s(self) -> float:
        """The world's time in epoch seconds."""
        replayed_s = self._replayed_s.get()
        return self._file.read().world_s(time.time()) if replayed_s is None else replayed_s

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Inside the block, for this thread alone, the world's time stands at `moment`; a simulated past is lived so.

        Raises:
            ValueError: `moment` is outside the years 2000 to 2100.
        """
        _check_moment(moment)
        token = self._replayed_s.set(moment.timestamp())
        try:
            yield
        finally:
            self._replayed_s.reset(token)

    @property
    def rate(self) -> float:
        """World seconds in a second of the system."""
        return self._file.read().rate

    def set(self, now: datetime, *, rate: float = 1.0) -> None:
        """Make the world's time `now` from this moment on, in every process; kept across restarts.

        Raises:
            ValueError: `now` is outside the years 2000 to 2100, or `rate` is not above 0 and at most 1,000,000.
        """
        _check_moment(now)
        self._file.save(ClockSetting(anchor_system_s=time.time(), anchor_world_s=now.timestamp(), rate=rate))

    def is_set(self) -> bool:
        """Whether somebody set this world's time; else it is the system's."""
        return self._file.exists()

    def reset(self) -> None:
        """Make the world's time the system's again, in every process."""
        self._file.remove()

    def check(self) -> None:
        """Refuse a damaged setting, which `now` outlives.

        Raises:
            WorldFault: the file is unusable; the message names it and the fix.
        """
        self._file.load()


def _check_moment(moment: datetime) -> None:
    if not EARLIEST <= moment < END:
        raise ValueError(f"now == {moment:%Y-%m-%dT%H:%M:%SZ}, must be in the years 2000 to 2100")
