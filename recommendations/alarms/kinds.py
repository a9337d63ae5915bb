"""The table of alarms: what each means, what mends it, and its condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from recommendations.alarms import conditions

# Less than a minute, so that the next look confirms.
LOOK_AGAIN_S = 50.0
CONSUME = "python manage.py consume_events --group {subject}"


class Severity(StrEnum):
    """How soon somebody must look."""

    NOW = "now"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm.

    `command` is what mends it, with the alarm's subject put in. `confirm_s` is how long looks must have found the
    condition before it counts: a shop that starts up has no consumers yet and a past that waits to be read.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    command: str
    condition: conditions.Condition
    confirm_s: float = 0.0

    def command_for(self, subject: str) -> str:
        """The command for one alarm of this kind."""
        return self.command.format(subject=subject)


_ALL = (
    Kind(
        "run_failed",
        "A retrain failed",
        Severity.TODAY,
        "The live campaign goes on serving, and grows older. The run's own page says which step failed and why.",
        "python manage.py retrain {subject}",
        conditions.find_run_failed,
    ),
    Kind(
        "model_old",
        "The live model is old",
        Severity.TODAY,
        "No retrain has succeeded for more than a night: lists fit tastes of the day before yesterday.",
        "python manage.py retrain {subject}",
        conditions.find_model_old,
    ),
    Kind(
        "breaker_open",
        "The recommender is cut off",
        Severity.NOW,
        "Its calls failed or took too long, so pages do not ask it; last good and popular lists serve meanwhile. The "
        "breaker tries again every ten seconds and closes by itself; if the failures began with a swap, roll back.",
        "python manage.py alarms --look",
        conditions.of_store(conditions.find_breaker_open),
    ),
    Kind(
        "fallback_share",
        "Too few personal rows",
        Severity.TODAY,
        "Shoppers with a history get lists of a lower rung: the recommender fails, is too slow, or knows too few items "
        "that are for sale.",
        "python manage.py retrain",
        conditions.of_store(conditions.find_fallback_share),
    ),
    Kind(
        "stream_lag",
        "Events are stored late",
        Severity.NOW,
        "The group does not keep up. Nothing is lost before the stream is full; then views and clicks are refused.",
        CONSUME,
        conditions.of_store(conditions.find_stream_lag),
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "consumer_dead",
        "Nobody reads the events",
        Severity.NOW,
        "The group has no living consumer: its events pile up in the stream, and homepages stop learning from them.",
        CONSUME,
        conditions.of_store(conditions.find_consumer_dead),
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "events_given_up",
        "Events were given up on",
        Severity.TODAY,
        "A consumer group failed on them again and again, so that the others could go on without them. They are kept: "
        "see why, mend it, and send them again.",
        "python manage.py dead_letters",
        conditions.of_store(conditions.find_events_given_up),
    ),
    Kind(
        "outbox_stuck",
        "Purchases wait in the outbox",
        Severity.NOW,
        "The relay in the event consumers' process does not run, or the stream refuses; nothing is lost meanwhile.",
        "python manage.py consume_events",
        conditions.find_outbox_stuck,
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "payments_unanswered",
        "Payments have no answer",
        Severity.NOW,
        "The payment provider is away, or the worker that asks it stands still. Nothing is lost and nothing is charged "
        "twice: it is asked again for as long as it takes. Orders that are not paid within a day are cancelled.",
        "python manage.py ask_payments",
        conditions.find_payments_unanswered,
    ),
    Kind(
        "refunds_declined",
        "A refund was declined",
        Severity.TODAY,
        "Buyers wait for money that the provider did not give back. It may do so once they have an account again; else "
        "it is paid by other means.",
        "python manage.py ask_payments --list",
        conditions.find_refunds_declined,
    ),
    Kind(
        "letters_waiting",
        "Mail about orders does not leave",
        Severity.TODAY,
        "The mail server is away or takes none of the shop's mail, or the worker that sends it stands still. Each "
        "letter waits and leaves once it can; what nobody has written down for two days is told to nobody any more.",
        "python manage.py send_letters",
        conditions.find_letters_waiting,
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "letters_failed",
        "Letters may not have arrived",
        Severity.TODAY,
        "Refused: there is no such address, or the server said no ten times in nine hours. Unsure: the line broke or "
        "the worker died in the middle, and nobody is to get a letter twice. Neither goes again before staff say so.",
        "python manage.py send_letters --list",
        conditions.find_letters_failed,
    ),
    Kind(
        "changes_stuck",
        "Campaigns are not told of products",
        Severity.TODAY,
        "The relay in the event consumers' process does not run, or the stream refuses: what was added or announced is "
        "in no personal row before the next training. Nothing is lost meanwhile.",
        "python manage.py consume_events",
        conditions.find_changes_stuck,
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "beat_silent",
        "The clockwork stands still",
        Severity.NOW,
        "Beat or the worker is down or stuck: no retrain will start tonight, and shared lists are not refreshed.",
        "python -m celery --app storefront beat --scheduler redbeat.RedBeatScheduler",
        conditions.of_store(conditions.find_beat_silent),
        confirm_s=2 * LOOK_AGAIN_S,
    ),
    Kind(
        "state_store_down",
        "Valkey is out of reach",
        Severity.NOW,
        "Pages go on from memory and database. Views and clicks wait in each process, ten thousand of them; tasks and "
        "homepages that learn wait for Valkey.",
        "redis-cli -u $REDIS_URL ping",
        conditions.find_state_store_down,
    ),
    Kind(
        "ramp_rolled_back",
        "An experiment was rolled back",
        Severity.TODAY,
        "A guardrail was broken, so that nobody sees the feature any more; shoppers get the page as it was. Its ramp "
        "page has the figure and the limit.",
        'python manage.py ramp {subject} stop --reason "mended; a new phase follows"',
        conditions.find_ramp_rolled_back,
    ),
    Kind(
        "ramp_held",
        "An experiment is held",
        Severity.TODAY,
        "Its data cannot be trusted, so that no step follows before somebody has looked; who sees the feature goes on "
        "seeing it.",
        'python manage.py ramp {subject} resume --reason "looked at and explained"',
        conditions.find_ramp_held,
    ),
    Kind(
        "data_stale",
        "No new interactions",
        Severity.TODAY,
        "Nobody used the shop for a day, or what they did is not recorded; the next model would learn nothing new.",
        "python manage.py consume_events",
        conditions.find_data_stale,
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.code: kind for kind in _ALL})
