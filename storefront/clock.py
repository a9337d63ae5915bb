"""The world's clock: now() is the system's time plus this world's offset, at this world's rate."""

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RECHECK_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """World time = anchor_world_s + (system time - anchor_system_s) * rate, in epoch seconds."""

    anchor_system_s: float = 0.0
    anchor_world_s: float = 0.0
    rate: float = 1.0

    def world_s(self, system_s: float) -> float:
        """World epoch seconds at the given system epoch seconds."""
        return self.anchor_world_s + (system_s - self.anchor_system_s) * self.rate


class Clock:
    """Reads one small file, rechecked each second, so that every process of a world tells the same time."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._setting = ClockSetting()
        self._lock = threading.Lock()
        self._checked_at = -RECHECK_AFTER_S
        self._stamp: tuple[int, int] | None = None

    def now(self) -> datetime:
        """The world's time, aware, in UTC."""
        return datetime.fromtimestamp(self.now_s(), tz=UTC)

    def now_s(self) -> float:
        """The world's time in epoch seconds."""
        self._recheck()
        return self._setting.world_s(time.time())

    @property
    def rate(self) -> float:
        """World seconds in a second of the system."""
        self._recheck()
        return self._setting.rate

    def set(self, now: datetime, *, rate: float = 1.0) -> None:
        """Make the world's time `now` from this moment on, in every process; kept across restarts.

        Raises:
            ValueError: `rate` is not positive, or this clock has no file to keep its setting in.
        """
        if rate <= 0:
            raise ValueError(f"rate == {rate}, must be > 0.")
        if self._path is None:
            raise ValueError("This clock has no file; give one to make it settable.")
        setting = ClockSetting(anchor_system_s=time.time(), anchor_world_s=now.timestamp(), rate=rate)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(asdict(setting)))
        fresh.replace(self._path)
        self._checked_at = -RECHECK_AFTER_S

    def is_set(self) -> bool:
        """Whether somebody set this world's time; else it is the system's."""
        return self._path is not None and self._path.exists()

    def reset(self) -> None:
        """Make the world's time the system's again, in every process."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._checked_at = -RECHECK_AFTER_S

    def _recheck(self) -> None:
        if self._path is None or time.monotonic() - self._checked_at < RECHECK_AFTER_S:
            return
        with self._lock:
            self._checked_at = time.monotonic()
            try:
                status = self._path.stat()
                stamp = (status.st_mtime_ns, status.st_ino)
                if stamp != self._stamp:
                    self._setting = ClockSetting(**json.loads(self._path.read_text()))
                    self._stamp = stamp
            except FileNotFoundError:
                self._setting, self._stamp = ClockSetting(), None
