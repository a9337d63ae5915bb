"""A small JSON file of the world: read into a value, rechecked each second, replaced in one step."""

import json
import logging
import os
import threading
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)
else:
    Value = TypeVar("Value")

RECHECK_AFTER_S = 1.0

log = logging.getLogger(__name__)


class WorldFault(Exception):
    """A file of the world is not usable; the message names the file, the field and the fix."""


class WorldFile(Generic[Value]):
    """One value of the world, the same in every process.

    Args:
        path: the file; it may be missing.
        kind: a frozen dataclass whose defaults stand for a missing file. Making one refuses what is wrong with a
            ValueError or TypeError that names the field.
    """

    def __init__(self, path: Path, kind: type[Value]) -> None:
        self._path = path
        self._kind = kind
        self._value = kind()
        self._lock = threading.Lock()
        self._checked_at = -RECHECK_AFTER_S
        self._stamp: tuple[int, int] | None = None

    def read(self) -> Value:
        """The value, at most a second old; where the file is damaged, the last good one, and the log says so."""
        if self._is_due():
            with self._lock:
                if self._is_due():
                    self._refresh()
                    self._checked_at = time.monotonic()
        return self._value

    def load(self) -> Value:
        """The value as the file has it now.

        Raises:
            WorldFault: it is no JSON object of the value's fields, or one of them is wrong.
        """
        try:
            return self._kind(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return self._kind()
        except OSError as error:
            raise WorldFault(f"{self._path}: {error.strerror}. Make it readable, or remove it.") from error
        except (ValueError, TypeError, OverflowError) as error:
            names = " and ".join(field.name for field in fields(self._kind))
            raise WorldFault(
                f"{self._path}: must be a JSON object of {names} ({error}). Correct it, or remove it."
            ) from error

    def save(self, value: Value) -> None:
        """Replace the file in one step, so that no process reads half of it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(asdict(value)), encoding="utf-8")
        fresh.replace(self._path)
        self._checked_at = -RECHECK_AFTER_S

    def remove(self) -> None:
        """Let the defaults stand again, in every process."""
        self._path.unlink(missing_ok=True)
        self._checked_at = -RECHECK_AFTER_S

    def exists(self) -> bool:
        """Whether there is a file."""
        return self._path.exists()

    def _is_due(self) -> bool:
        return time.monotonic() - self._checked_at >= RECHECK_AFTER_S

    def _refresh(self) -> None:
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._value = self.load()
        except WorldFault as fault:
            log.error("A file of the world is damaged; the last good value stands.", extra={"error": str(fault)})

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino
