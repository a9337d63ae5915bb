"""Tells the alarms what money waits: requests that the payment provider has not answered, refunds that it declined."""

from catalog.payments.waiting import read_waiting
from recommendations.alarms.facts import MoneyFacts


def find_waiting_money() -> MoneyFacts:
    """What waits now."""
    waiting = read_waiting()
    return MoneyFacts(
        n_unanswered=waiting.n_unanswered,
        oldest_asked_at=waiting.oldest_asked_at,
        n_refunds_declined=waiting.n_refunds_declined,
    )
