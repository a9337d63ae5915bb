"""What a world keeps beside its simulated past: the parameters, the end of its days, and which shoppers are bots."""

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from storefront.simulation.clickstream import Clickstream
from storefront.simulation.parameters import Parameters

FOLDER = "simulation"
PAST_FILE = "past.json"
# Every bot's key and what it does; whoever filters bots by their behaviour is scored with it.
BOTS_FILE = "bots.csv"
# Where worlds made before bots kept their parameters.
EARLIER_FILE = "simulation.json"


@dataclass(frozen=True, slots=True)
class Past:
    """A simulated past: who was simulated, over the days that ended when; None where an earlier release kept none."""

    parameters: Parameters
    ends_at: datetime | None


def folder() -> Path:
    """Where this world's simulation keeps its files."""
    return Path(settings.WORLD_DIR) / FOLDER


def write(past: Past, stream: Clickstream) -> None:
    """Keep the record of a past and its labels."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / BOTS_FILE).open("w", newline="") as labels:
        rows = csv.writer(labels)
        rows.writerow(("shopper_key", "kind"))
        rows.writerows((stream.key_of(stream.n_people + number), kind) for number, kind in enumerate(stream.bot_kinds))
    ends_at = past.ends_at.isoformat() if past.ends_at else None
    (folder() / PAST_FILE).write_text(json.dumps({**past.parameters.chosen, "ends_at": ends_at}))


def read() -> Past | None:
    """The record of this world's past; None where there is none."""
    for path in (folder() / PAST_FILE, Path(settings.WORLD_DIR) / EARLIER_FILE):
        if path.exists():
            held = json.loads(path.read_text())
            parameters = Parameters(held["n_shoppers"], seed=held["seed"], days=held["days"])
            return Past(parameters, datetime.fromisoformat(held["ends_at"]) if held.get("ends_at") else None)
    return None


def bots() -> dict[str, str]:
    """The label of every simulated bot: its shopper key and its kind; empty where there is no simulated past."""
    try:
        with (folder() / BOTS_FILE).open(newline="") as labels:
            return {row["shopper_key"]: row["kind"] for row in csv.DictReader(labels)}
    except FileNotFoundError:
        return {}
