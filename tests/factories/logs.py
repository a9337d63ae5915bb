"""Log files as published data sets come: random, small, the same each time."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np

DAY_S = 86_400
START_S = 1_300_000_000

# user_id, item_id, timestamp, event_type, part
Row = tuple[int, int, int, str, str]


def make_rows(n_rows: int = 2_500, n_users: int = 120, n_items: int = 80, days: int = 30) -> list[Row]:
    """Random rows in no order; users from 100 on are of the part test."""
    rng = np.random.default_rng(0)
    users = rng.integers(0, n_users, n_rows)
    items = (rng.pareto(1.2, n_rows) * 5).astype(int) % n_items
    times = START_S + rng.integers(0, days * DAY_S, n_rows)
    types = rng.choice(["view", "cart", "purchase"], n_rows, p=[0.8, 0.15, 0.05])
    return [
        (user, item, time, str(kind), "test" if user >= 100 else "train")
        for user, item, time, kind in zip(users.tolist(), items.tolist(), times.tolist(), types.tolist(), strict=True)
    ]


def write_log(path: Path, rows: Sequence[Row], *, time_column: str = "timestamp", more: bool = True) -> Path:
    """Write rows as a file, compressed if its name says so, with the columns event_type and part if `more`."""
    names = ["user_id", "item_id", time_column, *(["event_type", "part"] if more else [])]
    with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(row[: len(names)] for row in rows)
    return path
