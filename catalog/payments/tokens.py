"""PURE the sandbox's tokens: each plays one kind of day at a payment provider, and the token alone decides."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """How a token behaves; `declines` holds the requests that are declined, by their kind."""

    label: str
    declines: frozenset[str] = frozenset()
    # Done, and the first answer to each key is lost on its way.
    loses_first: bool = False
    # Away when first asked under each key; nothing is done then.
    misses_first: bool = False
    # Never answers, and never does anything.
    is_silent: bool = False


DEFAULT_TOKEN = "test-paid"  # noqa: S105 - names a test's outcome and opens nothing
TOKENS: Mapping[str, Script] = {
    DEFAULT_TOKEN: Script("Pays"),
    "test-declined": Script("Is declined", declines=frozenset({"authorise"})),
    "test-capture-declined": Script("Is accepted, then declined", declines=frozenset({"capture"})),
    "test-refund-declined": Script("Pays, and takes no refund", declines=frozenset({"refund"})),
    "test-answer-lost": Script("Pays, with answers lost on the way", loses_first=True),
    "test-outage": Script("Pays at the second attempt", misses_first=True),
    "test-silent": Script("Never answers", is_silent=True),
}
