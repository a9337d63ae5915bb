"""Thin doors for Celery: each calls one service and returns."""

from celery import shared_task

from catalog.orders import deadlines
from catalog.payments import paying


@shared_task(name="catalog.tasks.pay_due")
def pay_due() -> None:
    paying.pay_due()


@shared_task(name="catalog.tasks.meet_deadlines")
def meet_deadlines() -> None:
    deadlines.meet_deadlines()
