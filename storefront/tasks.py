"""Thin doors for Celery: what needs the experiments beside the rest of the shop."""

from celery import shared_task

from experiments import conf, controller


@shared_task(name="storefront.tasks.run_ramps")
def run_ramps() -> None:
    controller.tick(conf.now())
