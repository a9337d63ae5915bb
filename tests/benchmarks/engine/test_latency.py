import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.engine import latency
from benchmarks.engine.latency import Figures, Latency, make_table, serve, take_times, train_all
from recommendations.engine.answers import mixing, recurrent_answers


def work(seconds: float) -> None:
    """Use the processor for so long; others may use it meanwhile."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_every_kind_of_request_is_measured_and_what_an_index_loses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (recurrent_answers, mixing):
        monkeypatch.setattr(module, "MOST_WITHOUT", 100)
    monkeypatch.setattr(latency, "EVENTS_PER_ITEM", 20)
    train_all(tmp_path, 150, 0.0, seed=1)

    rows = [row for folder in sorted(tmp_path.iterdir()) for row in serve(folder, 150, 5, rounds=1, seed=1)]

    assert {row.name for row in rows} >= {
        "popularity",
        "similar items",
        "blend, sparse",
        "blend with the network: a shopper's first request",
        "blend with the network: why 12 cards",
        "hrnn",
    }
    assert all(0 < row.figures.p50_ms <= row.figures.p99_ms for row in rows)
    assert all(row.model_mb > 0 and row.rss_mb > 0 for row in rows)
    assert [row.name for row in rows if "recall@100 100.0%" in row.note] == ["blend with the network", "hrnn"]


def test_times_leave_out_what_comes_before_and_the_first_few() -> None:
    asked: list[str] = []

    def prepare(_: object) -> None:
        asked.append("before")
        work(0.005)

    def ask(_: object) -> None:
        if len(asked) < 2 * latency.WARM_UP:
            work(0.005)
        asked.append("ask")

    times = take_times(ask, [None] * 60, 1, before=prepare)

    assert asked[:4] == ["before", "ask", "before", "ask"]
    assert times.cpu_p99_ms < 5


def test_times_of_several_rounds_are_the_least_of_each_question() -> None:
    asked: list[int] = []

    def ask(number: object) -> None:
        asked.append(int(str(number)))
        if len(asked) % 2:
            work(0.005)

    times = take_times(ask, list(range(61)), 2)

    assert asked == [*range(61), *range(61)]
    assert times.cpu_p99_ms < 5
    assert times.p50_ms < 5


def test_table_shows_a_row_of_figures() -> None:
    console = Console(width=170, record=True, file=StringIO())

    console.print(make_table([Latency(3_000, "hrnn", Figures(0.1, 0.2, 0.3, 0.4), 5.0, 60.0, "all")]))

    shown = console.export_text()
    assert all(text in shown for text in ("3,000", "hrnn", "0.100", "0.400", "5.0", "60", "all"))
