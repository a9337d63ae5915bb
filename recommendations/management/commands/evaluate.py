"""Print a rotation's offline metrics: as its live side was measured, and measured again on today's interactions."""

import os
import tempfile
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import conf
from recommendations.engine.exceptions import EngineError
from recommendations.engine.reading import read_csv
from recommendations.exceptions import InvalidInput
from recommendations.management.reports import metrics_table
from recommendations.models import LiveCampaign, Rotation
from recommendations.pipeline.offline import measure, to_json
from recommendations.pipeline.runs import DEFAULT_ROTATION, get_rotation
from recommendations.pipeline.steps.export import export_interactions

NICENESS = 10


class Command(BaseCommand):
    help = "NDCG@25 of a rotation's recipe beside popularity, by Personalize's split and by next basket."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rotation", nargs="?", default=DEFAULT_ROTATION, help="key of a rotation (default: home)")
        parser.add_argument("--stored", action="store_true", help="only what the retrain has measured")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process of its own, whose priority is nobody else's."""
        os.nice(NICENESS)
        super().run_from_argv(argv)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            rotation = get_rotation(options["rotation"])
        except InvalidInput as error:
            raise CommandError(f"{error} Run `manage.py retrain` first.") from error
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
            path = Path(folder) / "interactions.csv"
            n_rows = export_interactions(
                rotation, path, since=now - timedelta(days=conf.retrain_window_days()), until=now
            )
            self.stdout.write(
                f"\nMeasured again on {n_rows:,} interactions of the last {conf.retrain_window_days()} days"
            )
            try:
                self.stdout.write(metrics_table(to_json(measure(read_csv(path), rotation))))
            except EngineError as error:
                raise CommandError(str(error)) from error
