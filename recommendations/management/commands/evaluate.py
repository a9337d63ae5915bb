"""Print offline metrics: of a rotation, as measured and measured again today; or of a recipe on a log file."""

import json
import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import conf
from recommendations.engine.evaluation.trials import SPLITS, NewItems, Trial, try_recipe
from recommendations.engine.exceptions import EngineError
from recommendations.engine.recipes import DEFAULT_RECIPE
from recommendations.exceptions import InvalidInput
from recommendations.management.reports import metrics_table, spinning
from recommendations.models import LiveCampaign, Rotation
from recommendations.pipeline.etl.exporting import export_datasets
from recommendations.pipeline.etl.loading import load_datasets
from recommendations.pipeline.offline import measure, to_json
from recommendations.pipeline.runs import DEFAULT_ROTATION, get_rotation
from recommendations.ports import DatasetType

NICENESS = 10
# What a wrong file or option exits with, as wrong usage does.
WRONG_INPUT = 2
OF_A_FILE = ("recipe", "split", "filter_seen", "test_days", "seed", "budget", "items", "users", "json")


class Command(BaseCommand):
    help = (
        "Of a rotation: NDCG@25 of its recipe beside popularity, by Personalize's split and by next basket. "
        "Of a file: a recipe trained on one part of it and asked for the other, over the whole catalogue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "subject", nargs="?", default=DEFAULT_ROTATION, help="key of a rotation (default: home), or a CSV file"
        )
        parser.add_argument("--stored", action="store_true", help="of a rotation: only what the retrain has measured")
        parser.add_argument("--recipe", help=f"of a file: what to train (default: {DEFAULT_RECIPE})")
        parser.add_argument("--split", choices=SPLITS, help="of a file: what to train on and what to ask for")
        parser.add_argument("--filter-seen", action="store_true", help="of a file: take items of the history out")
        parser.add_argument("--test-days", type=float, help="of a file: length of the test time (default: a tenth)")
        parser.add_argument("--seed", type=int, help="of a file: of everything random (default: 0)")
        parser.add_argument("--budget", type=float, metavar="SECONDS", help="of a file: CPU-seconds for the training")
        parser.add_argument("--items", metavar="CSV", help="of a file: attributes of items, by a column item_id")
        parser.add_argument("--users", metavar="CSV", help="of a file: attributes of users, by a column user_id")
        parser.add_argument("--json", action="store_true", help="of a file: print one JSON object")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process of its own, whose priority is nobody else's."""
        os.nice(NICENESS)
        super().run_from_argv(argv)

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(options["subject"])
        given = [f"--{name.replace('_', '-')}" for name in OF_A_FILE if options[name] not in (None, False)]
        if path.is_file():
            self._try_file(path, options)
        elif given or path.suffix or len(path.parts) > 1:
            because = f", and {', '.join(given)} evaluates a file" if given else ""
            raise CommandError(
                f"There is no file {str(path)!r}{because}. Give a CSV file, or the key of a rotation alone.",
                returncode=WRONG_INPUT,
            )
        else:
            self._show_rotation(options)

    def _try_file(self, path: Path, options: dict[str, Any]) -> None:
        if options["stored"]:
            raise CommandError("--stored is of a rotation; leave it out for a file.", returncode=WRONG_INPUT)
        if options["split"] is None:
            raise CommandError(f"--split is missing; give one of {', '.join(SPLITS)}.", returncode=WRONG_INPUT)
        try:
            with spinning(f"Training on {path.name}, then asking"):
                trial = _try(path, options)
        except (EngineError, OSError, EOFError, ValueError) as error:
            raise CommandError(f"{path.name}: {error}", returncode=WRONG_INPUT) from error
        facts = figures_of(trial)
        if options["json"]:
            self.stdout.write(json.dumps(facts))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name:<26}{value}")
        for name, weight in trial.weights.items():
            self.stdout.write(f"  weight of {name:<14}{weight:g}")

    def _show_rotation(self, options: dict[str, Any]) -> None:
        try:
            rotation = get_rotation(options["subject"])
        except InvalidInput as error:
            raise CommandError(f"{error} Or give the path of a CSV file.") from error
        self._print_stored(rotation)
        if not options["stored"]:
            self._print_measured(rotation)

    def _print_stored(self, rotation: Rotation) -> None:
        live = LiveCampaign.objects.select_related("deployment").filter(rotation=rotation).first()
        if live is None:
            self.stdout.write(f"{rotation.key} has no live campaign yet.")
            return
        deployment = live.deployment
        self.stdout.write(
            f"{rotation.key}, live on {deployment.colour}, trained {deployment.trained_at:%Y-%m-%d %H:%M}"
        )
        self.stdout.write(metrics_table(deployment.metrics))

    def _print_measured(self, rotation: Rotation) -> None:
        now = conf.now()
        with tempfile.TemporaryDirectory(prefix="evaluate-") as folder:
            paths = {kind: Path(folder) / f"{kind.value}.csv" for kind in DatasetType}
            report = export_datasets(rotation, paths, since=now - timedelta(days=conf.retrain_window_days()), until=now)
            n_rows = report.datasets[DatasetType.INTERACTIONS].n_exported
            self.stdout.write(
                f"\nMeasured again on {n_rows:,} interactions of the last {conf.retrain_window_days()} days"
            )
            try:
                with spinning("Training, then asking"):
                    measured = measure(load_datasets(paths), rotation)
                self.stdout.write(metrics_table(to_json(measured)))
            except EngineError as error:
                raise CommandError(str(error)) from error


def _try(path: Path, options: Mapping[str, Any]) -> Trial:
    return try_recipe(
        path,
        options["recipe"] or DEFAULT_RECIPE,
        options["split"],
        filter_seen=options["filter_seen"],
        test_days=options["test_days"],
        seed=options["seed"] or 0,
        budget_s=options["budget"],
        items=options["items"],
        users=options["users"],
    )


def figures_of(trial: Trial) -> dict[str, float | int]:
    """Return a trial's figures under the names that reports use."""
    figures = trial.figures
    return {
        "ndcg@10": round(figures.ndcg_at_10, 4),
        "recall@20": round(figures.recall_at_20, 4),
        "mrr@25": round(figures.mrr_at_25, 4),
        "coverage@10": round(figures.coverage_at_10, 4),
        "cases": figures.n_cases,
        "train_cpu_s": round(trial.train_cpu_s, 2),
        "peak_rss_mb": round(trial.peak_rss_mb, 1),
    } | _figures_of_new(trial.new_items)


def _figures_of_new(new: NewItems | None) -> dict[str, float | int]:
    if new is None:
        return {}
    difference, low, high = new.difference
    return {
        "new_items": new.n_items,
        "new_ndcg@10": round(new.recipe.ndcg_at_10, 4),
        "new_recall@20": round(new.recipe.recall_at_20, 4),
        "new_popularity_ndcg@10": round(new.popularity.ndcg_at_10, 4),
        "new_popularity_recall@20": round(new.popularity.recall_at_20, 4),
        "new_difference": round(difference, 4),
        "new_difference_low": round(low, 4),
        "new_difference_high": round(high, 4),
    }
