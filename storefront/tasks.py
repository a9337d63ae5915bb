"""Thin doors for Celery: what needs the experiments beside the rest of the shop."""

from celery import shared_task

from experiments import conf, controller, thinning


@shared_task(name="storefront.tasks.run_ramps")
def run_ramps() -> None:
    controller.tick(conf.now())


@shared_task(name="storefront.tasks.prune_experiments")
def prune_experiments() -> None:
    thinning.prune_units(now=conf.now())
