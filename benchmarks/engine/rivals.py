"""Sets the engine beside RecTools' SASRec and implicit's ALS and BPR: quality by CPU-seconds, one run, one scorer.

python -m venv RIVALS && RIVALS/bin/pip install -r requirements/rivals.txt
python -m benchmarks.engine.rivals DATA --python RIVALS/bin/python
python -m benchmarks.engine.rivals DATA --python RIVALS/bin/python --only ml1m --budgets 60,300 --out FOLDER

DATA holds the folders ml1m, retailrocket_sessions and online_retail. Everyone learns from the same events, alone in a
process with one thread, and answers the same questions over the whole catalogue; the answers are kept in FOLDER, and a
run that finds them there goes on from them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.engine.exam import Exam, Grades, ask, choose_cases, grade
from benchmarks.engine.quality import TASKS, WIDTH_WITHOUT_TERMINAL, Task
from recommendations.engine.evaluation.logs import read_log
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.evaluation.trials import ASK_FOR_LISTS, make_split
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

BUDGETS = "60,300,900"
QUICK_RIVALS = ("als", "bpr")
BUDGETED_RIVALS = ("sasrec", "sasrec_default")
NO_BUDGET = "default"
OURS = "engine"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
RIVAL_MODELS = Path(__file__).with_name("rival_models.py")
TITLES = {
    OURS: f"engine, {DEFAULT_RECIPE}",
    "sasrec": "RecTools SASRec, 64 wide, 200 events",
    "sasrec_default": "RecTools SASRec, its defaults",
    "als": "implicit ALS",
    "bpr": "implicit BPR",
}


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One model's answers, and what they had cost."""

    model: str
    budget: str
    train_cpu_s: float
    peak_rss_mb: float
    grades: Grades


def load_split(data: Path, task: Task) -> tuple[Split, tuple[Case, ...]]:
    """Return a task's split and its questions."""
    log = read_log(data / task.file, in_parts=task.split == "by_part")
    split = make_split(log, task.split, test_days=task.test_days)
    return split, choose_cases(split, new_only=task.new_only)


def answer_ourselves(data: Path, task: Task, folder: Path, budget: str, seed: int) -> None:
    """Train the default recipe within a budget, and keep its answers; runs in a process of its own."""
    split, cases = load_split(data, task)
    filter_seen = task.filter_seen or task.new_only
    model = build_recommender(DEFAULT_RECIPE, seed=seed, repeats=not filter_seen)
    started_s = time.process_time()
    model.fit(split.train, budget_s=None if budget == NO_BUDGET else float(budget))
    facts = {
        "train_cpu_s": time.process_time() - started_s,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    lists = ask(model, split, cases, filter_seen=filter_seen)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / f"{budget}.npz", lists=lists, facts=np.array(json.dumps(facts)))


def run_ours(data: Path, task: Task, folder: Path, budgets: Sequence[str], seed: int) -> None:
    """Answer at every budget that is not answered at yet."""
    for budget in (NO_BUDGET, *budgets):
        if not (folder / f"{budget}.npz").is_file():
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                pool.submit(answer_ourselves, data, task, folder, budget, seed).result()


def run_rival(python: Path, exam: Path, folder: Path, model: str, budgets: Sequence[str], seed: int) -> None:
    """Let another library's model answer in its own environment.

    Raises:
        CalledProcessError: it failed; what it said is on the error output.
    """
    wanted = budgets if model in BUDGETED_RIVALS else (NO_BUDGET,)
    left = [budget for budget in wanted if not (folder / f"{budget}.npz").is_file()]
    if left:
        command = [python, RIVAL_MODELS, exam, folder, model, "--seed", str(seed)]
        command += ["--budgets", ",".join(left)] if model in BUDGETED_RIVALS else []
        subprocess.run([str(part) for part in command], check=True, env=os.environ | ONE_THREAD)


def read_entries(folder: Path, models: Sequence[str], split: Split, cases: tuple[Case, ...]) -> Iterator[Entry]:
    """Grade all answers that there are."""
    for model in models:
        for path in sorted((folder / model).glob("[!.]*.npz"), key=lambda path: (len(path.stem), path.stem)):
            with np.load(path, allow_pickle=False) as kept:
                facts = json.loads(str(kept["facts"]))
                lists: NDArray[np.int64] = kept["lists"]
            grades = grade(lists, split, cases)
            yield Entry(model, path.stem, facts["train_cpu_s"], facts["peak_rss_mb"], grades)


def make_table(title: str, entries: Sequence[Entry]) -> Table:
    """Return the answers' grades, and the engine's lead over every rival for no more CPU-seconds."""
    table = Table(title=title, title_justify="left")
    for heading in ("model", "budget", "CPU-s", "peak MB", "NDCG@10 [95%]", "Recall@20", "coverage@10"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    table.add_column("the engine's lead in NDCG@10 [95%]", justify="right")
    ours = [entry for entry in entries if entry.model == OURS]
    for entry in entries:
        low, high = entry.grades.interval
        lead = "" if entry.model == OURS or not ours else show_lead(find_match(ours, entry), entry)
        table.add_row(
            TITLES[entry.model],
            "none" if entry.budget == NO_BUDGET else f"{entry.budget} s",
            f"{entry.train_cpu_s:.1f}",
            f"{entry.peak_rss_mb:,.0f}",
            f"{entry.grades.ndcg.mean():.4f} [{low:.4f}, {high:.4f}]",
            f"{entry.grades.recall.mean():.4f}",
            f"{entry.grades.coverage:.3f}",
            lead,
        )
    return table


def find_match(ours: Sequence[Entry], other: Entry) -> Entry:
    """Return the longest of our trainings that cost no more CPU-seconds than another's; the shortest if all did."""
    shortest = min(ours, key=lambda entry: entry.train_cpu_s)
    within = [entry for entry in ours if entry.train_cpu_s <= other.train_cpu_s]
    return max(within, key=lambda entry: entry.train_cpu_s, default=shortest)


def show_lead(ours: Entry, other: Entry) -> str:
    """Return the difference and its interval as text, and what our training had cost."""
    lead, low, high = ours.grades.lead_over(other.grades)
    return f"{lead:+.4f} [{low:+.4f}, {high:+.4f}] at {ours.train_cpu_s:.0f} s"


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="rivals", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of the data sets")
    parser.add_argument("--python", type=Path, help="of the rivals' environment; without it only the engine answers")
    parser.add_argument("--only", action="append", help="a data set's folder; all by default")
    parser.add_argument("--models", default=",".join(TITLES), help="by commas; all by default")
    parser.add_argument("--budgets", default=BUDGETS, help="CPU-seconds of training, by commas")
    parser.add_argument("--out", type=Path, default=Path("var/rivals"), help="where answers are kept")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    options = parser.parse_args(arguments)
    unknown = set(options.models.split(",")) - set(TITLES)
    if unknown:
        parser.error(f"--models names {', '.join(sorted(unknown))}; there are {', '.join(TITLES)}.")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each data set as it is done."""
    options = parse_arguments(arguments)
    os.environ |= ONE_THREAD
    console = Console(width=None if Console().is_terminal else WIDTH_WITHOUT_TERMINAL)
    budgets = options.budgets.split(",")
    models = [model for model in TITLES if model in options.models.split(",")]
    for task in TASKS:
        path = options.data / task.file
        if task.split in ASK_FOR_LISTS or (options.only and task.folder not in options.only):
            continue
        if not path.is_file():
            console.print(f"Skipped: {task.name}: there is no {path}")
            continue
        folder = options.out / f"{task.folder}-{task.split}{'-new' if task.new_only else ''}-seed{options.seed}"
        folder.mkdir(parents=True, exist_ok=True)
        split, cases = load_split(options.data, task)
        Exam.of(split, cases, filter_seen=task.filter_seen or task.new_only).write(folder / "exam.npz")
        for model in models:
            if model == OURS:
                run_ours(options.data, task, folder / model, budgets, options.seed)
            elif options.python is not None:
                run_rival(options.python, folder / "exam.npz", folder / model, model, budgets, options.seed)
        title = f"{task.name}, {task.asked}: {len(cases):,} questions, {len(split.train):,} events, seed {options.seed}"
        console.print(make_table(title, list(read_entries(folder, models, split, cases))))


if __name__ == "__main__":
    main()
