"""Compare recipes and lengths of the training window: on a rotation's interactions, or on a log file."""

import json
import os
import tempfile
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from recommendations import conf
from recommendations.engine.attributes.metadata_reading import read_items_csv, read_users_csv
from recommendations.engine.evaluation.logs import read_log
from recommendations.engine.evaluation.windows import Asking, Window, WindowedSplit, compare_windows
from recommendations.engine.exceptions import EngineError
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import OFFERED_RECIPES
from recommendations.exceptions import InvalidInput
from recommendations.management.recipe_plot import draw_plot
from recommendations.management.recipe_reports import draw_bars, draw_table, make_console, to_facts
from recommendations.pipeline.etl.exporting import export_datasets
from recommendations.pipeline.etl.loading import load_datasets
from recommendations.pipeline.runs import DEFAULT_ROTATION, get_rotation
from recommendations.ports import DatasetType

NICENESS = 10
WRONG_INPUT = 2
ALL = "all"
DEFAULT_WINDOWS = "7,30,90,all"
# Enough for the network to take part in a blend; four windows and four recipes then take minutes.
DEFAULT_BUDGET_S = 60.0
DAYS_A_MONTH = timedelta(days=31)


def parse_windows(text: str) -> list[Window]:
    """Return the windows of a list such as `7,30,90,all`, shortest first, each once."""
    windows: set[Window] = set()
    for word in filter(None, (one.strip() for one in text.split(","))):
        try:
            days = None if word == ALL else float(word)
        except ValueError:
            days = 0.0
        if days is not None and not 0 < days < float("inf"):
            raise ArgumentTypeError(f"{word!r} is no window; give days above 0, or {ALL}, with commas between.")
        windows.add(days)
    if not windows:
        raise ArgumentTypeError(f"give at least one window, for example {DEFAULT_WINDOWS}.")
    return sorted(windows, key=lambda days: float("inf") if days is None else days)


class Command(BaseCommand):
    help = (
        "Train recipes on windows of different lengths before one moment, ask all of them the same questions of what "
        "came after it, and compare them case by case, in one run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "subject", nargs="?", default=DEFAULT_ROTATION, help="key of a rotation (default: home), or a CSV file"
        )
        parser.add_argument(
            "--window",
            type=parse_windows,
            default=parse_windows(DEFAULT_WINDOWS),
            metavar="DAYS",
            help=f"days to train on, with commas between, or {ALL} (default: {DEFAULT_WINDOWS})",
        )
        parser.add_argument(
            "--recipes", nargs="+", metavar="RECIPE", help="the others are compared with the first (default: every one)"
        )
        parser.add_argument("--split", choices=get_args(WindowedSplit), default="next_basket", help="what to ask for")
        parser.add_argument("--test-days", type=float, help="length of the test time (default: a tenth of all)")
        parser.add_argument("--filter-seen", action="store_true", help="take items of the history out")
        parser.add_argument(
            "--budget",
            type=float,
            default=DEFAULT_BUDGET_S,
            metavar="SECONDS",
            help=f"CPU-seconds of each training (default: {DEFAULT_BUDGET_S:g}); 0: no limit, and no network in blends",
        )
        parser.add_argument(
            "--items", type=Path, metavar="CSV", help="of a file: what is known of its items, by item_id"
        )
        parser.add_argument(
            "--users", type=Path, metavar="CSV", help="of a file: what is known of its users, by user_id"
        )
        parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
        parser.add_argument("--svg", type=Path, metavar="FILE", help="write the plot there as well")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process of its own, whose priority is nobody else's."""
        os.nice(NICENESS)
        super().run_from_argv(argv)

    def handle(self, *_args: Any, **options: Any) -> None:
        recipes = list(dict.fromkeys(options["recipes"] or OFFERED_RECIPES))
        if not 0 <= options["budget"] < float("inf"):
            raise CommandError(
                f"--budget is {options['budget']}; give seconds, 0 for no limit.", returncode=WRONG_INPUT
            )
        try:
            interactions, event_weights = _read(options)
            asking = Asking(
                options["split"],
                options["test_days"],
                options["filter_seen"],
                options["budget"] or None,
                options["seed"],
                event_weights,
            )
            results, skipped = compare_windows(interactions, recipes, options["window"], asking, self._tell)
        except (EngineError, OSError, EOFError, ValueError) as error:
            raise CommandError(str(error), returncode=WRONG_INPUT) from error
        if not results:
            reasons = "; ".join(f"{each.recipe}: {each.reason}" for each in skipped)
            raise CommandError(f"Nothing could be trained. {reasons}", returncode=WRONG_INPUT)
        if options["svg"]:
            options["svg"].write_text(draw_plot(results), encoding="utf-8")
        if options["json"]:
            self.stdout.write(json.dumps(to_facts(results, skipped)))
            return
        console = make_console(self.stdout)
        console.print(draw_table(results))
        console.print()
        console.print(draw_bars(results))
        for each in skipped:
            console.print(f"Skipped: {each.recipe} on {each.window_days or ALL}: {each.reason}", markup=False)

    def _tell(self, share: float, note: str) -> None:
        self.stderr.write(f"{share:4.0%} {note}")


def _read(options: Mapping[str, Any]) -> tuple[Interactions, Mapping[str, float] | None]:
    """Return the events, and the event types' weights where the subject has its own."""
    subject = options["subject"]
    path = Path(subject)
    if path.is_file():
        return _read_file(path, options), None
    if path.suffix or len(path.parts) > 1 or options["items"] or options["users"]:
        raise CommandError(f"There is no file {subject!r}.", returncode=WRONG_INPUT)
    try:
        rotation = get_rotation(subject)
    except InvalidInput as error:
        raise CommandError(f"{error} Or give the path of a CSV file.", returncode=WRONG_INPUT) from error
    now = conf.now()
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        paths = {kind: Path(folder) / f"{kind.value}.csv" for kind in DatasetType}
        export_datasets(rotation, paths, since=now - DAYS_A_MONTH * conf.retention_months(), until=now)
        return load_datasets(paths), rotation.event_weights or None


def _read_file(path: Path, options: Mapping[str, Any]) -> Interactions:
    log = read_log(path)
    if not log.is_timed:
        raise CommandError(f"{path.name} tells no times, only pos; a window needs times.", returncode=WRONG_INPUT)
    items = read_items_csv(options["items"]) if options["items"] else None
    users = read_users_csv(options["users"]) if options["users"] else None
    return log.interactions.with_metadata(items, users) if items or users else log.interactions
