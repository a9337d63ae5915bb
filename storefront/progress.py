"""Progress of a long command: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PLAIN_LINE_EVERY_S = 5.0

Report = Callable[[float, str], None]


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """Yield a function that takes the share done, 0..1, and a note; what it draws goes to standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=1.0, note="")
        yield lambda share, note: bar.update(task, completed=share, note=note)


def _plain(title: str) -> Report:
    last_s = time.monotonic()

    def report(share: float, note: str) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= PLAIN_LINE_EVERY_S:
            last_s = time.monotonic()
            sys.stderr.write(f"{title}: {share:.0%}, {note}\n")

    return report
