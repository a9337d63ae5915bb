#!/usr/bin/env python
"""The Django command line; a lone command starts the bundled servers it needs and stops what it started."""

import os
import sys

SERVERLESS_COMMANDS = frozenset({"help", "version", "--help", "-h", "--version", "collectstatic", "demo"})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    from django.core.management import execute_from_command_line

    from storefront.bundled import bundled_servers

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in SERVERLESS_COMMANDS or "--help" in sys.argv:
        execute_from_command_line(sys.argv)
        return
    with bundled_servers():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
