"""Thin doors for Celery: what needs several of the packages."""

from celery import shared_task

from experiments import conf, controller, thinning
from storefront import late_deeds


@shared_task(name="storefront.tasks.run_ramps")
def run_ramps() -> None:
    controller.tick(conf.now())


@shared_task(name="storefront.tasks.prune_experiments")
def prune_experiments() -> None:
    thinning.prune_units(now=conf.now())


@shared_task(name="storefront.tasks.tell_late_deeds")
def tell_late_deeds() -> None:
    late_deeds.tell_met_bids()
    late_deeds.tell_returns()
