"""Amazon Personalize on this machine: its three services on one port, trained and served by the embedded engine."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from recommendations.server.faulty import MODES, THREADS
from storefront.bundled import bundled_servers
from storefront.embedded import EmbeddedServerError
from storefront.listening import find_port_fault
from storefront.processes import announce_when_ready, personalize_commands
from storefront.supervisor import GaveUp, Supervisor
from storefront.world_setup import one_at_a_time

# boto3 asks for a region and keys whoever it speaks to.
ANYBODY = "  export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any"
SERVICES = ("PERSONALIZE", "PERSONALIZE_RUNTIME", "PERSONALIZE_EVENTS")


class Command(BaseCommand):
    help = "Serve Amazon Personalize's wire protocol until Ctrl-C; boto3 needs only the endpoint's address."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.ENVIRONMENT.host, help="where to listen (default: %(default)s)")
        parser.add_argument(
            "--port", type=int, default=settings.ENVIRONMENT.personalize_port, help="default: %(default)s"
        )
        parser.add_argument("--workers", type=int, default=settings.ENVIRONMENT.web_workers, help="web processes")
        fault = settings.PERSONALIZE_FAULT
        parser.add_argument("--fault", choices=MODES, default=fault, help="spoil runtime and events in this way")
        share = settings.PERSONALIZE_FAULT_SHARE
        parser.add_argument("--fault-share", type=float, default=share, help="of their requests, 0 to 1")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION and not settings.PERSONALIZE_ACCESS_KEYS:
            raise CommandError("PERSONALIZE_ACCESS_KEYS: production needs at least one KEY:SECRET.")
        if not 0 <= options["fault_share"] <= 1:
            raise CommandError(f"--fault-share is {options['fault_share']}; give a number from 0 to 1.")
        if settings.PRODUCTION and options["fault"]:
            raise CommandError("--fault: production refuses faults on purpose; they are for tests.")
        fault = find_port_fault(options["host"], options["port"])
        if fault is not None:
            raise CommandError(f"--port {options['port']} cannot be had on {options['host']} ({fault}); give another.")
        started_s = time.monotonic()
        url = f"http://{options['host']}:{options['port']}"
        with bundled_servers(progress=self.stdout.write) as lease:
            with one_at_a_time():
                call_command("migrate", verbosity=0, interactive=False)
            announce_when_ready(f"{url}/ping", lambda: self._announce(url, time.monotonic() - started_s))
            if options["fault"]:
                self.stdout.write(f"{options['fault_share']:.0%} of runtime and events are spoilt: {options['fault']}")
            supervisor = Supervisor(
                personalize_commands(
                    host=options["host"],
                    port=options["port"],
                    web_workers=options["workers"],
                    threads=THREADS if options["fault"] else 1,
                ),
                environment={
                    "PYTHONUNBUFFERED": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                    "PERSONALIZE_FAULT": options["fault"],
                    "PERSONALIZE_FAULT_SHARE": str(options["fault_share"]),
                },
                watch=lease.mend if lease is not None else None,
            )
            try:
                supervisor.run()
            except (GaveUp, EmbeddedServerError) as error:
                raise CommandError(str(error)) from error

    def _announce(self, url: str, took_s: float) -> None:
        exports = "\n".join(f"  export AWS_ENDPOINT_URL_{service}={url}" for service in SERVICES)
        keys = "requests must be signed with one of PERSONALIZE_ACCESS_KEYS"
        if not settings.PERSONALIZE_ACCESS_KEYS:
            keys = "any access key will do; set PERSONALIZE_ACCESS_KEYS=KEY:SECRET to check signatures"
            exports += f"\n{ANYBODY}"
        reads = ", ".join(settings.PERSONALIZE_DATA_LOCATIONS) or "nowhere; set PERSONALIZE_DATA_LOCATIONS"
        self.stdout.write(
            f"\nPersonalize answers after {took_s:.0f} s at {url}\n\n{exports}\n\n"
            f"  {keys}\n  imports may read from: {reads}\n\nCtrl-C stops it.\n"
        )
        self.stdout.flush()
