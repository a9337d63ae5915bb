"""waffle's command for a flag's lists; what would draw, or pass the ramp by, is refused and told how to do."""

from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from waffle.management.commands import waffle_flag

from experiments.models import Flag

# What waffle would store and nothing would read, by option.
MISLEADING = {"percent": None, "rollout": False, "testing": False, "superusers": False}


class Command(waffle_flag.Command):
    help = "Change whom a flag names: --staff, --authenticated, --group, --user. Shares are ramped: see `ramp`."

    def handle(self, *args: Any, **options: Any) -> None:
        """Set the lists; with an experiment behind it the flag's switch stays as it is."""
        with transaction.atomic():
            flag = Flag.objects.select_for_update(of=("self",)).filter(name=options["name"] or "").first()
            experiment = getattr(flag, "experiment", None)
            key = experiment.key if experiment is not None else "KEY"
            for name, unset in MISLEADING.items():
                if options[name] != unset:
                    raise CommandError(
                        f"--{name}: a draw can neither be ramped nor analysed. Set the share that sees it with "
                        f"`manage.py ramp {key} SHARE --reason WHY`, or name people with --user, --group or --staff."
                    )
            if flag is not None and experiment is not None:
                if options["everyone"] is not None:
                    switch, option = ("on", "everyone") if options["everyone"] else ("off", "deactivate")
                    raise CommandError(
                        f"--{option}: {flag.name!r} has an experiment behind it, whose every change is recorded. Use "
                        f"`manage.py ramp {key} {switch} --reason WHY`."
                    )
                if experiment.find_open_phase() is not None:
                    raise CommandError(
                        f"{flag.name!r}: a phase of {key!r} is open, and whoever is put on a list or taken off would "
                        "change sides unrecorded. Change the lists between phases, or give a tester the link of the "
                        "preview page."
                    )
                # Left out means "unknown" to waffle, which would undo a kill switch.
                options["everyone"] = flag.everyone
            super().handle(*args, **options)
