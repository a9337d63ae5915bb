"""Thin doors for Celery: each fetches nothing, calls one service and returns."""

import logging
from contextlib import suppress

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from recommendations import conf, shared_lists
from recommendations.alarms import delivery, watch
from recommendations.alarms.gathering import BEAT
from recommendations.events import partitions, pulse
from recommendations.pipeline import nights, reaping, ticks
from recommendations.pipeline.archive import writing
from recommendations.pipeline.archive.place import open_place
from recommendations.serving import forgetting

logger = logging.getLogger(__name__)

# A message that waited longer has been followed by a fresh one: each tick sends what is still needed.
STALE_AFTER_S = 120
ARCHIVED_HOURS = 72


@shared_task(name="recommendations.tasks.refresh_shared_lists")
def refresh_shared_lists() -> None:
    shared_lists.refresh()


@shared_task(name="recommendations.tasks.watch_alarms")
def watch_alarms() -> None:
    with suppress(RedisError):
        pulse.beat(BEAT)
    watch.look()
    delivery.deliver_due()


@shared_task(name="recommendations.tasks.make_partitions")
def make_partitions() -> None:
    partitions.ensure_current()


@shared_task(name="recommendations.tasks.drop_expired_partitions")
def drop_expired_partitions() -> None:
    partitions.drop_expired()


# So many hours at most a call: a first archive of years is the command's.
@shared_task(name="recommendations.tasks.archive_interactions")
def archive_interactions() -> None:
    if conf.archive_url():
        archived = writing.archive_interactions(open_place(), most_hours=ARCHIVED_HOURS)
        logger.info("archived", extra={"n_hours": archived.n_hours, "n_interactions": archived.n_interactions})


@shared_task(name="recommendations.tasks.erase_live_state")
def erase_live_state() -> None:
    forgetting.erase_due()


@shared_task(name="recommendations.tasks.reap_campaigns")
def reap_campaigns() -> None:
    reaping.reap_left_over()


@shared_task(name="recommendations.tasks.start_retrains")
def start_retrains() -> None:
    if nights.start_due_runs():
        advance_soon()


@shared_task(name="recommendations.tasks.advance_retrains")
def advance_retrains() -> None:
    if ticks.advance_runs().needs_trainer:
        _send(train_pending)


# Acknowledged when it begins and never cut short: what a killed trainer leaves is found by the next tick, in its row.
@shared_task(
    name="recommendations.tasks.train_pending",
    acks_late=False,
    reject_on_worker_lost=False,
    soft_time_limit=0,
    time_limit=0,
)
def train_pending() -> None:
    if ticks.train_runs():
        _send(advance_retrains)


def advance_soon() -> None:
    """Have active runs advanced as soon as the present transaction is committed, instead of at the next minute."""
    transaction.on_commit(lambda: _send(advance_retrains))


def _send(task: "Task[[], None]") -> None:
    try:
        task.apply_async(expires=STALE_AFTER_S)
    except OperationalError as error:
        # Nothing is lost: the row is the queue, and the next tick finds it.
        logger.warning("message not sent, the next tick does it", extra={"task": task.name, "error": str(error)})
