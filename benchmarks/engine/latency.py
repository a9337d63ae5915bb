"""Measures one request by the catalogue's size, filters on: p50, p99, the model's size, the process's memory.

python -m benchmarks.engine.latency
python -m benchmarks.engine.latency --items 3000,30000,100000 --requests 2000 --rounds 12 --passes 1 --seed 1

Each request takes a history of up to 50 events, masks a third of the catalogue and what the shopper had last, and asks
for 25 items. CPU-milliseconds are beside the clock's, since other work on the machine lengthens those more. With
several rounds all requests are made so often in turn, and the least time of each counts: that of a quiet core.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.engine.quality import WIDTH_WITHOUT_TERMINAL
from benchmarks.engine.simulated_log import make_log
from recommendations.engine import artifacts
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Event
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.similar import SimilarItems
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

MEBIBYTE = 1 << 20
EVENTS_PER_ITEM = 10
K = 25
ALLOWED_SHARE = 0.67
WARM_UP = 50
CARDS = 12
RECALL_AT = 100

History = Sequence[Event]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Figures:
    """Times of one kind of request, in milliseconds: by the clock, and of the processor."""

    p50_ms: float
    p99_ms: float
    cpu_p50_ms: float
    cpu_p99_ms: float


@dataclass(frozen=True, slots=True)
class Latency:
    """One row of the table.

    Attributes:
        n_items: of the catalogue.
        name: the model, and what of it was asked.
        figures: its times.
        model_mb: the artifact's size, in MiB.
        rss_mb: memory of the process that serves, in MiB.
        note: what a list lost to the index, where there is one.
    """

    n_items: int
    name: str
    figures: Figures
    model_mb: float
    rss_mb: float
    note: str = ""


def build_models(passes: float, seed: int) -> dict[str, Recommender]:
    """Return the recipes that answer shoppers, and the default blend with a network at weight 1, all untrained."""
    blend = build_recommender(DEFAULT_RECIPE, seed=seed)
    if not isinstance(blend, Blend):
        raise TypeError(f"{DEFAULT_RECIPE} is no blend, whose parts are measured here.")
    parts = {**blend.parts, "hrnn": Hrnn(passes=passes, seed=seed)}
    shares = {"rules": 1.0, "ease": 1.0, "item_knn": 1.0, "vsknn": 1.0, "popularity": 0.1, "repeats": 0.1, "hrnn": 1.0}
    return {
        "popularity": Popularity(),
        "similar items": SimilarItems(),
        "blend, sparse": blend,
        "blend with the network": Blend(parts, weights=shares, substitutes=blend.substitutes, seed=seed),
    }


def train_all(folder: Path, n_items: int, passes: float, seed: int) -> None:
    """Train every model on a simulated log and save it; for a process of its own, whose memory is not measured."""
    log = make_log(n_items * EVENTS_PER_ITEM, n_items, seed)
    histories = UserHistories.from_interactions(log)
    for name, model in build_models(passes, seed).items():
        model.fit(log)
        artifacts.save(folder / name, model, histories)
        if isinstance(model, Blend) and "hrnn" in model.parts_:
            artifacts.save(folder / "hrnn", model.parts_["hrnn"], histories)


def serve(folder: Path, n_items: int, n_requests: int, rounds: int, seed: int) -> list[Latency]:
    """Measure one saved model; for a process of its own."""
    artifact = artifacts.load(folder, verify=False)
    model, histories = artifact.model, artifact.histories
    if histories is None:
        raise ValueError(f"{folder} holds no histories to ask with.")
    chance = np.random.default_rng(seed)
    users = chance.integers(0, len(histories), n_requests + WARM_UP).tolist()
    asked = [histories.of(histories.users[user]) for user in users]
    static = chance.random(len(model.item_ids_)) < ALLOWED_SHARE
    size = sum(path.stat().st_size for path in folder.iterdir() if not path.name.startswith("histories"))

    def request(history: History) -> list[str]:
        allowed = static.copy()
        allowed[model.indices_of(event.item_id for event in history[-3:])] = False
        return model.recommend([history], K, allowed)[0][0]

    def explain(history_and_cards: tuple[History, list[str]]) -> object:
        return model.explain_list(*history_and_cards)

    lists = [request(history)[:CARDS] for history in asked]
    has_network = "hrnn" in (model.name, *getattr(model, "parts_", {}))
    known = (lambda history: request(history[:-1])) if has_network else None
    rows = [
        (folder.name, take_times(request, asked, rounds, before=known), note_of_index(model, asked, static)),
        (f"{folder.name}: why {CARDS} cards", take_times(explain, list(zip(asked, lists, strict=True)), rounds), ""),
    ]
    if has_network:
        first = take_times(request, asked, rounds, before=lambda _: forget_states(model))
        rows.insert(1, (f"{folder.name}: a shopper's first request", first, ""))
    return [Latency(n_items, name, times, size / MEBIBYTE, rss_mb(), note) for name, times, note in rows]


def take_times(
    ask: Callable[..., object], questions: Sequence[object], rounds: int, before: Callable[..., object] | None = None
) -> Figures:
    """Return each question's least times, but for the first few; what comes before each is not measured."""
    times = np.full((len(questions), 2), np.inf)
    for number, question in [*enumerate(questions)] * rounds:
        if before is not None:
            before(question)
        clock, processor = time.perf_counter_ns(), time.thread_time_ns()
        ask(question)
        taken = time.perf_counter_ns() - clock, time.thread_time_ns() - processor
        times[number] = np.minimum(times[number], taken)
    measured = times[WARM_UP:] / 1e6
    (p50, cpu_p50), (p99, cpu_p99) = np.quantile(measured, (0.5, 0.99), axis=0)
    return Figures(float(p50), float(p99), float(cpu_p50), float(cpu_p99))


def note_of_index(model: Recommender, asked: Sequence[History], allowed: NDArray[np.bool_]) -> str:
    """Return the share of the exact list that is served, and the network's recall@100, where an index is read."""
    network = model if isinstance(model, Hrnn) else getattr(model, "parts_", {}).get("hrnn")
    if network is None or not network.uses_index():
        return ""
    histories = [history for history in asked[:WARM_UP] if history]
    same = _share_found(model, histories, allowed, K)
    recall = _share_found(network, histories, None, RECALL_AT)
    return f"{same:.1%} of the exact {K}, network's recall@{RECALL_AT} {recall:.1%}"


def _share_found(model: Recommender, histories: Iterable[History], allowed: NDArray[np.bool_] | None, k: int) -> float:
    shares = []
    for history in histories:
        encoded = model.encode(history)
        exact = top_k(model.score_history(encoded), k, allowed)
        served = model.score_candidates(encoded, allowed, k).best(k).items
        shares.append(len(np.intersect1d(exact, served)) / max(1, len(exact)))
    return float(np.mean(shares))


def forget_states(model: Recommender) -> None:
    """Let every shopper be one whose history the network has not read yet."""
    for part in (model, *getattr(model, "parts_", {}).values()):
        if isinstance(part, Hrnn):
            part.forget_shoppers()


def rss_mb() -> float:
    """The most memory that this process has held, mapped files included, in MiB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE


def make_table(rows: Sequence[Latency]) -> Table:
    """Return the rows as a table."""
    table = Table(title=f"One request for {K} items, a third filtered out, one thread", title_justify="left")
    for heading in ("items", "what", "p50 ms", "p99 ms", "CPU p50", "CPU p99", "model MB", "RSS MB", "beside exact"):
        table.add_column(heading, justify="left" if heading in {"what", "beside exact"} else "right")
    for row in rows:
        times = row.figures
        table.add_row(
            f"{row.n_items:,}",
            row.name,
            *(f"{ms:.3f}" for ms in (times.p50_ms, times.p99_ms, times.cpu_p50_ms, times.cpu_p99_ms)),
            f"{row.model_mb:,.1f}",
            f"{row.rss_mb:,.0f}",
            row.note,
        )
    return table


def measure(n_items: int, n_requests: int, rounds: int, passes: float, seed: int) -> list[Latency]:
    """Train and serve each model in a process of its own."""
    rows: list[Latency] = []
    with tempfile.TemporaryDirectory() as folder:
        _run_alone(train_all, Path(folder), n_items, passes, seed)
        for model in sorted(Path(folder).iterdir()):
            rows.extend(_run_alone(serve, model, n_items, n_requests, rounds, seed))
    return rows


def _run_alone(task: Callable[..., Found], *arguments: object) -> Found:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="latency", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--items", default="3000,30000,100000", help="catalogue sizes, by commas")
    parser.add_argument("--requests", type=int, default=1_000, help="requests measured of each kind")
    parser.add_argument("--rounds", type=int, default=1, help="times that each is made; its least time counts")
    parser.add_argument("--passes", type=float, default=1.0, help="how often the network learns from each event")
    parser.add_argument("--seed", type=int, default=0, help="of logs, trainings and requests")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = parse_arguments(arguments)
    # One thread, as in web workers.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    console = Console(width=None if Console().is_terminal else WIDTH_WITHOUT_TERMINAL)
    rows: list[Latency] = []
    for n_items in (int(text) for text in options.items.split(",")):
        rows.extend(measure(n_items, options.requests, options.rounds, options.passes, options.seed))
    console.print(make_table(rows))


if __name__ == "__main__":
    main()
