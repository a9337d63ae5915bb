"""How often an account, a device or a name, and an address, may ask: the table, and what the environment changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute, all at once or spread; the allowance fills up again evenly within the minute.

    `per_minute` is for one account, device or name that is typed; `of_address` for everybody behind one address.
    Where requests cannot be counted, a limit that `is_closed_uncounted` lets nobody through, any other everybody.
    """

    name: str
    per_minute: int
    of_address: int
    is_closed_uncounted: bool = False


# A campus or a phone company stands behind one address; the address's share only ends floods.
DEFAULTS = (
    Limit("sign_in", 5, 60, is_closed_uncounted=True),
    Limit("sign_up", 60, 60, is_closed_uncounted=True),
    Limit("orders", 30, 3000, is_closed_uncounted=True),
    Limit("writes", 60, 1200),
    Limit("search", 60, 1200),
    Limit("suggestions", 240, 2400),
    Limit("api", 120, 1200),
)
NAMES = tuple(limit.name for limit in DEFAULTS)


def read_limits(given: Mapping[str, int]) -> dict[str, Limit]:
    """The limits by name.

    Args:
        given: requests a minute of one account, by a limit's name; the share of an address grows with it, so that it
            never falls below one account's.
    """
    changed = {}
    for limit in DEFAULTS:
        per_minute = given.get(limit.name, limit.per_minute)
        changed[limit.name] = replace(
            limit,
            per_minute=per_minute,
            of_address=max(limit.of_address, limit.of_address * per_minute // limit.per_minute),
        )
    return changed
