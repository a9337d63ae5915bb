"""Ids carry their time and sort by it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from recommendations.events import ids

MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)


def test_uuid7_carries_its_time_and_version() -> None:
    identifier = ids.uuid7(MOMENT)

    assert identifier.version == 7
    assert identifier.variant == "specified in RFC 4122"
    assert ids.time_of(identifier) == MOMENT


def test_uuid7_never_repeats() -> None:
    assert len({ids.uuid7(MOMENT) for _ in range(10_000)}) == 10_000


def test_derived_is_the_same_for_the_same_parts_alone() -> None:
    first = ids.derived(MOMENT, "list", "shopper", "item")

    assert first == ids.derived(MOMENT, "list", "shopper", "item")
    assert first != ids.derived(MOMENT, "list", "shopper", "other")
    assert first != ids.derived(MOMENT, "lists", "hopper", "item")
    assert first.version == 7
    assert ids.time_of(first) == MOMENT


def test_floor_sorts_between_the_milliseconds() -> None:
    floor = ids.floor_for(MOMENT)

    assert ids.uuid7(MOMENT - timedelta(milliseconds=1)) < floor < ids.uuid7(MOMENT)


def test_time_of_reads_the_rfc_example() -> None:
    # RFC 9562, appendix A.6.
    example = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")

    assert ids.time_of(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
