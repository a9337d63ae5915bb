"""Log files as published data sets come: random, small, the same each time."""

import csv
import gzip
from collections.abc import Mapping, Sequence
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


def write_attributes(path: Path, id_column: str, kinds: Mapping[str, str]) -> Path:
    """Write a table of ids and their kinds."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([(id_column, "KIND"), *kinds.items()])
    return path


def write_shop(folder: Path, n_users: int = 90) -> tuple[Path, Path]:
    """Write a log of shoppers who stay with one of three kinds of twenty items each, and the items' kinds."""
    rng = np.random.default_rng(0)
    kinds = ("shoe", "hat", "coat")
    log = folder / "shop.csv"
    with log.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "item_id", "timestamp"])
        for user in range(n_users):
            items = rng.permutation(20)[:12].tolist()
            writer.writerows(
                (f"u{user:03}", f"{kinds[user % 3]}-{item}", START_S + 60 * step) for step, item in enumerate(items)
            )
    of_items = {f"{kind}-{item}": kind for kind in kinds for item in range(20)}
    return log, write_attributes(folder / "items.csv", "item_id", of_items)
