"""Bring this world to where it can be served, and stop: what a deployment runs before its processes start."""

from typing import Any

from django.core.management.base import BaseCommand

from storefront.world_setup import prepare


class Command(BaseCommand):
    help = (
        "Schema, partitions, static files, the experiment; in development also demo data, logins and a first campaign."
    )

    def handle(self, **_: Any) -> None:
        prepare(self.stdout.write)
