"""Thin doors for Celery: each fetches nothing, calls one service and returns."""

from celery import shared_task

from recommendations import shared_lists
from recommendations.adapters.embedded import training
from recommendations.events import partitions


@shared_task(name="recommendations.tasks.refresh_shared_lists")
def refresh_shared_lists() -> None:
    shared_lists.refresh()


@shared_task(name="recommendations.tasks.make_partitions")
def make_partitions() -> None:
    partitions.ensure_current()


@shared_task(name="recommendations.tasks.train_pending")
def train_pending() -> None:
    training.train_next()
