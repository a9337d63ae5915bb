"""What the commands print: a run's steps as they go, and offline metrics as a table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from recommendations.engine.evaluation.asking import NDCG_AT_25
from recommendations.models import RetrainRun
from recommendations.pipeline.context import Done, Outcome, Waiting
from recommendations.pipeline.states import STEPS, RetrainStatus

TABLE_WIDTH = 110


@contextmanager
def spinning(what: str) -> Iterator[None]:
    """Shows at a terminal that a long piece of work goes on, and for how long; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bars.add_task(what, total=None)
        yield


class StepLines:
    """A bar for each step at a terminal, a line for each news elsewhere."""

    def __init__(self, file: TextIO, *, is_silent: bool = False) -> None:
        self._console = Console(file=file, quiet=is_silent, highlight=False, soft_wrap=True)
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[RetrainStatus, TaskID] = {}
        self._current: RetrainStatus | None = None
        self._last_line = ""

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, run: RetrainRun) -> None:
        """Say which run this is, and list its steps."""
        verb = "begins" if run.status == RetrainStatus.PROVISION else f"resumes at {run.status}"
        self._console.print(f"{run} {verb}")
        for step in STEPS:
            self._tasks[step] = self._bars.add_task(step.value, total=1.0, start=False, note="")
        done_before = STEPS[: STEPS.index(RetrainStatus(run.status))]
        for step in done_before:
            self._bars.update(self._tasks[step], completed=1.0, note="done before")

    def enter(self, step: RetrainStatus) -> None:
        """Say that a step runs now."""
        if step is not self._current:
            self._current = step
            self._bars.start_task(self._tasks[step])

    def progress(self, share: float, note: str) -> None:
        """Move the current step's bar."""
        if self._current is not None:
            self._bars.update(self._tasks[self._current], completed=share, note=note)

    def show(self, step: RetrainStatus, outcome: Outcome) -> None:
        """Say what came of a step."""
        match outcome:
            case Done(note=note):
                self._bars.update(self._tasks[step], completed=1.0, note=note)
                self._line(f"  {step.value:<10} {note}")
            case Waiting(note=note):
                self._bars.update(self._tasks[step], note=note)
                self._line(f"  {step.value:<10} waits: {note}")
            case _:
                self._bars.update(self._tasks[step], note="failed")

    def _line(self, text: str) -> None:
        if not self._console.is_terminal and text != self._last_line:
            self._last_line = text
            self._console.print(text, markup=False)


def metrics_table(figures: Mapping[str, Any]) -> str:
    """Return NDCG@25 of a recipe beside popularity, with 95% intervals, one line for each split.

    Where the backend measured by itself, its metrics stand there instead.

    Args:
        figures: as the evaluate step keeps them.
    """
    splits = figures.get("splits", [])
    measured = figures.get("measured")
    if measured:
        return "\n".join(f"{name}  {value:.4f}" for name, value in sorted(measured.items()))
    if not splits:
        return "Too little data to measure offline metrics on."
    table = Table(title="NDCG@25, 95% intervals", title_justify="left")
    for heading in ("split", "repeats", "cases", "recipe", "popularity", "ratio", "coverage"):
        table.add_column(heading, justify="left" if heading in {"split", "repeats"} else "right")
    for each in splits:
        mine, base = each["recipe"][NDCG_AT_25], each["popularity"][NDCG_AT_25]
        table.add_row(
            each["split"],
            "in" if each["repeats"] else "out",
            f"{each['n_cases']:,}",
            _interval(mine),
            _interval(base),
            f"{mine[0] / base[0]:.1f} x" if base[0] else "-",
            f"{each['recipe']['coverage']:.0%}",
        )
    console = Console(width=TABLE_WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def _interval(figure: Sequence[float]) -> str:
    value, low, high = figure
    return f"{value:.4f} [{low:.4f}, {high:.4f}]"
