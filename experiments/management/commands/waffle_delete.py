"""waffle's command that deletes flags; one with an experiment behind it stays, in words."""

from typing import Any

from django.core.management.base import CommandError
from waffle.management.commands import waffle_delete

from experiments.models import Flag


class Command(waffle_delete.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Delete all that is named, or nothing."""
        names = options["flag_names"] or []
        kept = Flag.objects.filter(name__in=names, experiment__isnull=False).values_list("name", "experiment__key")
        for name, key in kept.order_by("name"):
            raise CommandError(
                f"--flags: {name!r} belongs to experiment {key!r}, whose history is kept. Turn it off with "
                f"`manage.py ramp {key} off --reason WHY`."
            )
        super().handle(*args, **options)
