"""Lists the open alarms: what each means and what mends it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.alarms import delivery, inbox, watch


class Command(BaseCommand):
    help = "List open alarms, each with its meaning and the command that mends it; ends with 1 while there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--look", action="store_true", help="look at the shop first, and deliver what is due")

    def handle(self, *, look: bool, **_: Any) -> None:
        if look:
            watch.look()
            delivery.deliver_due()
        alarms = inbox.open_alarms()
        for each in alarms:
            taken = f", taken on by {each.alarm.acknowledged_by}" if each.alarm.acknowledged_by else ""
            about = f" ({each.alarm.subject})" if each.alarm.subject else ""
            self.stdout.write(f"{each.title}{about}, since {each.alarm.raised_at:%Y-%m-%d %H:%M} UTC{taken}")
            self.stdout.write(f"  {each.alarm.detail}\n  {each.meaning}\n  $ {each.command}\n")
        if alarms:
            raise SystemExit(1)
        self.stdout.write("Nothing needs you.")
