"""`manage.py import_interactions FILE`: a real shop's past into a world of its own, every row accounted for."""

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from storefront.imports.commands import ImportCommand, refusals_as_errors
from storefront.imports.interactions import COLUMNS, InteractionOptions, InteractionReport, import_interactions
from storefront.imports.world_clock import follow_data
from storefront.progress import progress


class Command(ImportCommand):
    help = (
        "Import interactions from a CSV file, plain or .gz; the catalogue comes first. "
        "Any bad row refuses the whole file, unless --skip-bad; importing a file again adds nothing."
    )
    columns = COLUMNS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--default-event-type", default="purchase", help="where the file names none")
        parser.add_argument(
            "--map-event-type",
            action="append",
            default=[],
            metavar="THEIRS=OURS",
            help="what an event type of the file means here; may be repeated",
        )
        parser.add_argument(
            "--set-clock",
            action=BooleanOptionalAction,
            default=None,
            help="set the world's now just after the data's end; by default only where nobody has and the data is old",
        )

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        chosen = InteractionOptions(
            columns=self.chosen_columns(options),
            latest=None if options["set_clock"] else settings.CLOCK.now(),
            default_event_type=options["default_event_type"],
            event_type_names=_event_type_names(options["map_event_type"]),
            skips_bad=options["skip_bad"],
        )
        with refusals_as_errors(), progress("Interactions") as report:
            done = import_interactions(options["file"], chosen, report=report)
        self._tell(done)
        said = follow_data(settings.CLOCK, done.newest_at, wanted=options["set_clock"])
        if said:
            self.stdout.write(said)

    def _tell(self, done: InteractionReport) -> None:
        types = sorted(done.imported.keys() | done.fee_lines.keys())
        imported, fees = ([count[name] for name in types] for count in (done.imported, done.fee_lines))
        bad = len(done.faults)
        rows: list[tuple[str, list[int | None]]] = [
            ("imported", [*imported, sum(imported)]),
            ("excluded: fee line", [*fees, sum(fees)]),
            ("excluded: bad row", [*(None for _ in types), bad]),
            ("rows in the file", [*map(sum, zip(imported, fees, strict=True)), done.n_rows]),
        ]
        self.tell(done.faults, [*types, "total"], rows)
        n_held = done.stored.n_staged - done.stored.n_new
        self.stdout.write(f"{done.stored.n_new:,} interactions are new, {n_held:,} were in the store already.")


def _event_type_names(given: list[str]) -> dict[str, str]:
    names = {}
    for pair in given:
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals and ours):
            raise CommandError(f"--map-event-type {pair}: write it as THEIRS=OURS, such as transaction=purchase.")
        names[theirs] = ours
    return names
