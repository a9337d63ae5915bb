"""Run the whole shop: servers, data, a first campaign, then web, workers, beat and consumers as one process tree."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommendations.server.faulty import THREADS
from storefront.bundled import bundled_servers
from storefront.embedded import EmbeddedServerError
from storefront.listening import find_port_fault
from storefront.processes import announce_when_ready, commands, metrics_environment, personalize_commands
from storefront.supervisor import GaveUp, Supervisor
from storefront.world_setup import DEMO_LOGINS, prepare

# What to open in a browser where the server listens on every address.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104

# Who is told of alarms where nobody else is named; the mail is printed with the log.
DEMO_OPERATORS = ("operator@localhost",)


class Command(BaseCommand):
    help = "Set up this world and run the shop until Ctrl-C."
    requires_system_checks = []

    def handle(self, **_: Any) -> None:
        environment = settings.ENVIRONMENT
        self._refuse_taken_port("PORT", environment.host, environment.port)
        if self._has_personalize:
            self._refuse_taken_port("PERSONALIZE_PORT", environment.host, environment.personalize_port)
        self._started = time.monotonic()
        with bundled_servers(progress=self._report) as lease:
            prepare(self._report)
            self._report("Starting web, worker, trainer, beat and event consumers")
            announce_when_ready(f"{self._url}/readyz", self._announce)
            supervisor = Supervisor(
                self._commands(),
                environment={
                    "PYTHONUNBUFFERED": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                    "ALARM_EMAILS": ",".join(environment.alarm_emails or DEMO_OPERATORS),
                    **metrics_environment(environment.world_dir),
                },
                watch=lease.mend if lease is not None else None,
            )
            try:
                supervisor.run()
            except (GaveUp, EmbeddedServerError) as error:
                raise CommandError(str(error)) from error

    def _commands(self) -> dict[str, list[str]]:
        """The shop's processes; and the wire server's, which start last, where somebody asked for it by its port."""
        environment = settings.ENVIRONMENT
        shop = commands(host=environment.host, port=environment.port, web_workers=environment.web_workers)
        if not self._has_personalize:
            return shop
        threads = THREADS if environment.personalize_fault else 1
        wire = personalize_commands(
            host=environment.host, port=environment.personalize_port, web_workers=1, threads=threads
        )
        return {**shop, **{f"personalize-{name}": command for name, command in wire.items()}}

    @property
    def _has_personalize(self) -> bool:
        return "personalize_port" in settings.ENVIRONMENT.model_fields_set

    @property
    def _url(self) -> str:
        host = LOOPBACK.get(settings.ENVIRONMENT.host, settings.ENVIRONMENT.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{settings.ENVIRONMENT.port}"

    def _report(self, step: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self._started:5.1f} s] {step}")
        self.stdout.flush()

    def _refuse_taken_port(self, name: str, host: str, port: int) -> None:
        fault = find_port_fault(host, port)
        if fault is not None:
            raise CommandError(f"HOST, {name}: {host}:{port} cannot be had ({fault}); try {name}={port + 1}.")

    def _told_of_personalize(self) -> str:
        if not self._has_personalize:
            return ""
        url = self._url.rpartition(":")[0]
        return f"Amazon Personalize's protocol is spoken at {url}:{settings.ENVIRONMENT.personalize_port}\n\n"

    def _announce(self) -> None:
        logins = "\n".join(
            f"  {'admin' if is_admin else 'shop':<10}{name} / {password}" for name, password, is_admin in DEMO_LOGINS
        )
        took_s = time.monotonic() - self._started
        self.stdout.write(
            f"\nThe shop is open after {took_s:.0f} s (world: {settings.ENVIRONMENT.world})\n\n"
            f"  shop      {self._url}/\n"
            f"  admin     {self._url}/admin/\n"
            f"  campaigns {self._url}/admin/campaigns/\n"
            f"  inspector {self._url}/admin/inspector/\n\n"
            + self._told_of_personalize()
            + ("" if settings.PRODUCTION else f"Logins\n{logins}\n\n")
            + "Ctrl-C stops everything and keeps the data.\n"
        )
        self.stdout.flush()
