"""PURE rule of where data may be read from: nothing is fetched that the configuration does not list."""

from collections.abc import Collection
from urllib.parse import SplitResult, unquote, urlsplit

from recommendations.server.wire.faults import invalid

SCHEMES = frozenset({"s3", "http", "https", "file"})


def check_location(location: str, allowed: Collection[str]) -> None:
    """Refuse a location that is not below one of those allowed.

    Scheme and host must be equal; an allowed location without a port allows any port; its path must be the
    location's, or a folder above it, by whole segments.

    Args:
        location: `s3://bucket/folder/file.csv`, `https://...`, `http://...`, or `file:///...`, which Amazon does not
            have.
        allowed: locations under which data may be read.

    Raises:
        ApiFault: InvalidInputException; the message says how to allow it.
    """
    asked = _split(location)
    if asked is None:
        raise invalid(
            f"dataSource.dataLocation == {location[:200]!r}: give s3://, https://, http:// or file:// with a path, "
            "without .. in it."
        )
    if not any(_is_below(asked, rule) for rule in map(_split, allowed) if rule is not None):
        raise invalid(
            f"dataSource.dataLocation == {location[:200]!r}: data may not be read from there. "
            "PERSONALIZE_DATA_LOCATIONS lists where it may."
        )


def _split(location: str) -> SplitResult | None:
    """The parts of a location, or None where it is none that could be read."""
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        return None
    # What a fetch would not send, or would read otherwise than this rule does.
    is_odd = parts.query or parts.fragment or "@" in parts.netloc or "\\" in location or not location.isprintable()
    names_place = parts.scheme == "file" or bool(parts.hostname)
    if parts.scheme not in SCHEMES or is_odd or not names_place or (parts.scheme == "file" and parts.netloc):
        return None
    if port == 0 or any(unquote(one) in {"..", "."} or "/" in unquote(one) for one in _segments(parts.path)):
        return None
    return parts


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _is_below(asked: SplitResult, rule: SplitResult) -> bool:
    if (asked.scheme, asked.hostname) != (rule.scheme, rule.hostname):
        return False
    if rule.port is not None and asked.port != rule.port:
        return False
    above = _segments(rule.path)
    return _segments(asked.path)[: len(above)] == above
