"""Every beat entry in one table, each with its reason."""

from typing import NotRequired, TypedDict


class Entry(TypedDict):
    task: str
    schedule: float
    # `expires`: seconds after which a message that no worker took is dropped; its successor does the same.
    options: NotRequired[dict[str, float]]


def beat_schedule(*, retrain_tick_s: float) -> dict[str, Entry]:
    """The table.

    Args:
        retrain_tick_s: seconds between two looks at the clock and at active retrains.
    """
    once = {"expires": max(retrain_tick_s, 5.0)}
    return {
        # A buyer who pays at once has been asked by the page; the rest waits no longer than a shopper at a till would.
        "pay-due": {
            "task": "catalog.tasks.pay_due",
            "schedule": 15.0,
            "options": {"expires": 15.0},
        },
        # Deadlines are days; a minute more or less is nobody's loss.
        "meet-deadlines": {
            "task": "catalog.tasks.meet_deadlines",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        # Soon enough for a seller who should ship, late enough that a match and its payment make one letter.
        "tell-of-orders": {
            "task": "letters.tasks.tell_of_orders",
            "schedule": 15.0,
            "options": {"expires": 15.0},
        },
        # Who was written to is kept for a quarter of a year, and then nobody's business.
        "prune-letters": {
            "task": "letters.tasks.prune_letters",
            "schedule": 86_400.0,
            "options": {"expires": 86_400.0},
        },
        # A bid or an ask that ran out is never met; this is how long a quote may still tell of it.
        "expire-orders": {
            "task": "catalog.tasks.expire_orders",
            "schedule": 1.0,
            "options": {"expires": 1.0},
        },
        # A key is good for thirty days; what it did stays in the book.
        "prune-commands": {
            "task": "catalog.tasks.prune_commands",
            "schedule": 86_400.0,
            "options": {"expires": 86_400.0},
        },
        # Asks the world's clock, not the system's, so that a moved clock moves nights; makes up for a missed one.
        "start-retrains": {
            "task": "recommendations.tasks.start_retrains",
            "schedule": retrain_tick_s,
            "options": once,
        },
        # Carries on whatever died or waits; a retrain that runs well is carried on by its own messages, sooner.
        "advance-retrains": {
            "task": "recommendations.tasks.advance_retrains",
            "schedule": retrain_tick_s,
            "options": once,
        },
        # What a failed run left at a backend that bills costs by the hour; deleting takes the backend some looks.
        "reap-campaigns": {
            "task": "recommendations.tasks.reap_campaigns",
            "schedule": 900.0,
            "options": {"expires": 900.0},
        },
        # Pages read these lists as they are; a minute is how stale "trending now" may be.
        "refresh-shared-lists": {
            "task": "recommendations.tasks.refresh_shared_lists",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        # A bid is met, and a purchase falls through, while the shopper is away; lists may follow a minute later.
        "tell-late-deeds": {
            "task": "storefront.tasks.tell_late_deeds",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        # Each step of a ramp lasts hours; a minute is how long broken guardrails may go on hurting.
        "run-ramps": {
            "task": "storefront.tasks.run_ramps",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        # Looks for what needs a person; when it does not come, the event consumers' process looks instead.
        "watch-alarms": {
            "task": "recommendations.tasks.watch_alarms",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
        # A month must have its partitions before its first event; hourly leaves weeks of slack.
        "make-partitions": {
            "task": "recommendations.tasks.make_partitions",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        # An hour is archived once it is closed; does nothing where no archive is named.
        "archive-interactions": {
            "task": "recommendations.tasks.archive_interactions",
            "schedule": 3600.0,
            "options": {"expires": 3600.0},
        },
        # The privacy page promises an end to what is kept; months end whole, so a day is soon enough.
        "drop-expired-partitions": {
            "task": "recommendations.tasks.drop_expired_partitions",
            "schedule": 86_400.0,
            "options": {"expires": 86_400.0},
        },
        # Who was in experiments that ended long ago is nobody's business any more; their results stay.
        "prune-experiments": {
            "task": "storefront.tasks.prune_experiments",
            "schedule": 86_400.0,
            "options": {"expires": 86_400.0},
        },
        # Finishes what "no" and "forget" began: events that were on their way, a Valkey that was away.
        "erase-live-state": {
            "task": "recommendations.tasks.erase_live_state",
            "schedule": 60.0,
            "options": {"expires": 60.0},
        },
    }
