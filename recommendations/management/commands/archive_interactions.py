"""Writes closed hours of interactions into the archive, as beat does every hour; again, where that is asked."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from recommendations.exceptions import RecommendationsError
from recommendations.pipeline.archive.place import open_place
from recommendations.pipeline.archive.writing import archive_interactions


class Command(BaseCommand):
    help = (
        "Write all closed hours of interactions that ARCHIVE_URL does not hold yet, a gz file of JSON lines each, and"
        " delete months beyond RETENTION_MONTHS. Interrupted, it goes on at the next call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=_day,
            metavar="YYYY-MM-DD",
            help="write every hour from this day on anew, say after an import or after dead letters were sent again",
        )

    def handle(self, *_args: Any, since: datetime | None, **_options: Any) -> None:
        try:
            archived = archive_interactions(open_place(), since=since, progress=self._show)
        except RecommendationsError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database is away: {error}. Where it is back, run this again.") from error
        self.stdout.write(
            f"{archived.n_interactions:,} interactions in {archived.n_hours:,} files; complete up to"
            f" {archived.until:%Y-%m-%d %H}:00 UTC; {archived.n_deleted:,} files beyond the retention deleted."
        )

    def _show(self, share: float, note: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{share:4.0%} {note}\r", ending="")


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; give YYYY-MM-DD") from error
