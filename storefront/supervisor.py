"""Keeps a tree of processes up: prefixed logs, a bounded number of fresh starts, and one stop for all of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TextIO

from storefront.env import BASE_DIR

# So many ends within so long mean that a process cannot run, not that something killed it.
MAX_ENDS, WITHIN_S = 5, 30.0
FIRST_PAUSE_S = 0.25
# A polite stop is given so long; then the kernel's own.
GRACE_S = 10.0
# Each starts a little after the one before it, so that the first is up before the last takes its share of the machine.
STAGGER_S = 0.5
LOOK_EVERY_S = 0.1
WATCH_EVERY_S = 0.5
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)

# Called twice a second; names what it started again.
Watch = Callable[[], Sequence[str]]


class GaveUp(Exception):
    """Something ends again and again; the message names it, and its last lines say why."""


@dataclass(slots=True)
class _Ends:
    """When a thing ended lately."""

    times_s: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_ENDS))

    def note(self, name: str) -> float:
        """Count one more end and return the seconds to wait before the next start.

        Raises:
            GaveUp: it was one too many.
        """
        now_s = time.monotonic()
        self.times_s.append(now_s)
        recent = sum(now_s - at_s < WITHIN_S for at_s in self.times_s)
        if recent >= MAX_ENDS:
            raise GaveUp(f"{name} ended {MAX_ENDS} times within {WITHIN_S:.0f} s; its last lines above say why.")
        return 0.0 if recent == 1 else FIRST_PAUSE_S * 2**recent


@dataclass(slots=True)
class _Child:
    """One process by its name, started again whenever it ends."""

    name: str
    command: Sequence[str]
    ends: _Ends = field(default_factory=_Ends)
    process: "subprocess.Popen[bytes] | None" = None
    start_at_s: float = 0.0


class Supervisor:
    """Runs processes together until told to stop, or until one of them cannot run.

    Each is the head of a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, and that
    whatever it has started goes with it.
    """

    def __init__(
        self,
        processes: Mapping[str, Sequence[str]],
        *,
        environment: Mapping[str, str],
        watch: Watch | None = None,
        output: TextIO = sys.stdout,
    ) -> None:
        """Prepare to run them.

        Args:
            processes: the command line of each by its name, in the order in which they start.
            environment: set for all of them, beside this process's own.
            watch: looks after what is no child of the supervisor.
            output: where all lines go, each behind the name of its process.
        """
        begun_s = time.monotonic()
        self._children = [
            _Child(name, command, start_at_s=begun_s + number * STAGGER_S)
            for number, (name, command) in enumerate(processes.items())
        ]
        self._environment = {**os.environ, **environment}
        self._watch = watch
        self._watched: dict[str, _Ends] = {}
        self._lines = _Lines([*processes, "system"], output)
        self._stop = threading.Event()

    def run(self) -> None:
        """Return after a wanted stop; no process is left, however this ends.

        Raises:
            GaveUp: a process, or what is watched, ends again and again.
        """
        with self._stopped_by_signals():
            try:
                self._supervise()
            finally:
                self._stop_all()

    def stop(self) -> None:
        """Make `run` return; safe in a signal handler and in any thread."""
        self._stop.set()

    def _supervise(self) -> None:
        watch_at_s = 0.0
        while not self._stop.is_set():
            now_s = time.monotonic()
            for child in self._children:
                self._look_after(child, now_s)
            if now_s >= watch_at_s:
                watch_at_s = now_s + WATCH_EVERY_S
                self._look_elsewhere()
            self._stop.wait(LOOK_EVERY_S)

    def _look_after(self, child: _Child, now_s: float) -> None:
        if child.process is None:
            if now_s >= child.start_at_s:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        _signal_group(child.process, signal.SIGKILL)  # What it had started must not outlive it.
        child.process = None
        pause_s = child.ends.note(child.name)
        child.start_at_s = now_s + pause_s
        self._lines.write("system", f"{child.name} ended ({_describe(code)}); starting it again")

    def _look_elsewhere(self) -> None:
        if self._watch is None:
            return
        for name in self._watch():
            self._lines.write("system", f"{name} had ended and was started again")
            self._watched.setdefault(name, _Ends()).note(name)

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own table of commands
            child.command,
            env=self._environment,
            # Commands name the project's own modules and `manage.py`, wherever the shell stands.
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        stream = child.process.stdout
        threading.Thread(target=self._lines.copy, args=(child.name, stream), name=child.name, daemon=True).start()

    def _stop_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline_s = time.monotonic() + GRACE_S
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline_s - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Lines:
    """Writes whole lines of many processes, each behind its name."""

    def __init__(self, names: Sequence[str], output: TextIO) -> None:
        self._output = output
        self._lock = threading.Lock()
        width = max(map(len, names))
        is_coloured = output.isatty()
        self._prefixes = {
            name: _colour(f"{name:<{width}} |", COLOURS[number % len(COLOURS)] if is_coloured else None)
            for number, name in enumerate(names)
        }

    def write(self, name: str, line: str) -> None:
        with self._lock:
            self._output.write(f"{time.strftime('%H:%M:%S')} {self._prefixes[name]} {line}\n")
            self._output.flush()

    def copy(self, name: str, stream: IO[bytes]) -> None:
        """Copy a process's lines until it closes its end."""
        with stream:
            for line in stream:
                self.write(name, line.decode("utf-8", "replace").rstrip("\n"))


def _colour(text: str, code: int | None) -> str:
    return text if code is None else f"\033[{code}m{text}\033[0m"


def _describe(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
