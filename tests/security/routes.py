"""Every route of the shop, as the URLconf has it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

CONVERTED = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
# Something of each kind that leads into the view; none of it exists.
SAMPLES = {"int": "1", "slug": "some-slug", "str": "some", "path": "1", "anything": "no/where/", None: "1"}


@dataclass(frozen=True, slots=True)
class Route:
    """One route: its name with its namespace, and its pattern from the root on."""

    name: str
    pattern: str

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(found["name"] for found in CONVERTED.finditer(self.pattern))

    def address(self, **given: Any) -> str:
        """An address that leads here, with samples for parameters that are not given."""

        def fill(found: re.Match[str]) -> str:
            return str(given.get(found["name"], SAMPLES[found["kind"]]))

        text = re.sub(r"\(\?P<app_label>(\w+)[^)]*\)", r"\1", self.pattern)
        text = re.sub(r"\(\?P<url>\.\*\)", "nowhere/", text)
        return "/" + CONVERTED.sub(fill, text).replace("^", "").replace("$", "").replace("//", "/")


def every_route() -> Iterator[Route]:
    """All routes, those of included URLconfs and of the admin, too."""
    yield from _walk(get_resolver(), "", ())


def by_part(routes: list[Route]) -> dict[str, list[Route]]:
    """Routes by the part of the shop that they belong to, e.g. `admin/catalog/order`."""
    parts: dict[str, list[Route]] = {}
    for route in routes:
        parts.setdefault("/".join(route.pattern.split("/")[:3]), []).append(route)
    return parts


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for found in resolver.url_patterns:
        pattern = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from _walk(found, pattern, (*spaces, found.namespace) if found.namespace else spaces)
        elif isinstance(found, URLPattern):
            yield Route(":".join((*spaces, found.name or "")), pattern)
