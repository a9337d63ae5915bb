"""Thin doors for Celery: each calls one service and returns."""

from celery import shared_task

from catalog import services
from catalog.orders import deadlines
from catalog.payments import paying


@shared_task(name="catalog.tasks.pay_due")
def pay_due() -> None:
    paying.pay_due()


@shared_task(name="catalog.tasks.meet_deadlines")
def meet_deadlines() -> None:
    deadlines.meet_deadlines()


@shared_task(name="catalog.tasks.expire_orders")
def expire_orders() -> None:
    services.expire_orders()


@shared_task(name="catalog.tasks.prune_commands")
def prune_commands() -> None:
    services.prune_commands()
