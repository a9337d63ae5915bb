"""`manage.py ask_payments`: tell what money waits, and have the provider asked again now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog import conf
from catalog.payments.asking_again import MOST_AT_ONCE, ask_again, unanswered
from catalog.payments.waiting import declined_refunds


class Command(BaseCommand):
    help = "Ask the payment provider again for what it has not answered, and tell which refunds it declined."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="only tell what waits; ask nothing")

    def handle(self, **options: Any) -> None:
        waiting = list(unanswered()[:MOST_AT_ONCE])
        now = conf.now()
        for payment in waiting:
            age_min = (now - payment.asked_at).total_seconds() / 60
            asked = f"{payment.kind}, no answer for {age_min:,.0f} min, {payment.n_tries} attempts"
            self.stdout.write(f"Order {payment.order_id}: {asked}.")
        for refund in declined_refunds()[:MOST_AT_ONCE]:
            self.stdout.write(f"Order {refund.order_id}: refund declined. {refund.words} Admin > Orders > Refund.")
        if not waiting:
            self.stdout.write("Every payment has its answer.")
        elif not options["list"]:
            stand = ask_again([payment.pk for payment in waiting])
            self.stdout.write(f"Asked again for {sum(stand.values())}: {stand['asked']} still without an answer.")
