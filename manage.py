#!/usr/bin/env python
"""The Django command line; a lone command starts the bundled servers it needs and stops what it started."""

import os
import signal
import sys
from itertools import takewhile

SERVERLESS_COMMANDS = frozenset({"help", "version", "--version", "collectstatic", "demo"})
HELP = frozenset({"--help", "-h"})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    from django.core.management import execute_from_command_line

    from storefront.bundled import bundled_servers
    from storefront.embedded import EmbeddedServerError
    from storefront.env import EnvironmentFault
    from storefront.world_check import WorldNotReady, prepare_world

    # A polite kill unwinds like Ctrl-C, so that what was started is stopped.
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, lambda number, _: sys.exit(128 + number))
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if command in SERVERLESS_COMMANDS or HELP & set(takewhile(lambda argument: argument != "--", sys.argv)):
            execute_from_command_line(sys.argv)
        else:
            with bundled_servers():
                prepare_world(command)
                execute_from_command_line(sys.argv)
    except (EmbeddedServerError, EnvironmentFault, WorldNotReady) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
