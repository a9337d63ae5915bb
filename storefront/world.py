"""What one world calls itself and the currency it counts in: one small file, rechecked each second."""

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from django.conf import settings

from catalog.money import SYMBOLS

RECHECK_AFTER_S = 1.0
FILE_NAME = "world.json"


class WorldFault(Exception):
    """The world's file is not usable; the message names the field and the fix."""


@dataclass(frozen=True, slots=True)
class World:
    """`name` is shown in the header beside the brand; empty for the demo."""

    currency: str = "USD"
    name: str = ""

    def __post_init__(self) -> None:
        if self.currency not in SYMBOLS:
            raise WorldFault(f"currency == {self.currency!r}, must be one of {', '.join(sorted(SYMBOLS))}.")
        if len(self.name) > 40:
            raise WorldFault(f"name has {len(self.name)} characters, must be at most 40: the header shows it.")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; a missing one means the defaults.

        Raises:
            WorldFault: the file is no JSON object of `currency` and `name`, or a value is wrong.
        """
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls()
        except (ValueError, TypeError) as error:
            raise WorldFault(f"{path}: must be a JSON object of currency and name ({error}).") from error

    def save(self, path: Path) -> None:
        """Replace the file in one step, so that no process reads half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)


class WorldFile:
    """Keeps the last world read, and reads again once the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._world = World()
        self._lock = threading.Lock()
        self._checked_at = -RECHECK_AFTER_S
        self._stamp: tuple[int, int] | None = None

    def read(self) -> World:
        if time.monotonic() - self._checked_at >= RECHECK_AFTER_S:
            with self._lock:
                self._checked_at = time.monotonic()
                stamp = self._stamp_now()
                if stamp != self._stamp:
                    self._world, self._stamp = World.load(self._path), stamp
        return self._world

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino


def world_path() -> Path:
    """Where this process's world keeps its settings."""
    return Path(settings.WORLD_DIR) / FILE_NAME


@lru_cache(maxsize=4)
def _file(path: Path) -> WorldFile:
    return WorldFile(path)


def current_world() -> World:
    """The world that this process serves."""
    return _file(world_path()).read()
