"""Entries that no consumer can handle: tries that a consumer may die of, and the dead letters, both in Valkey."""

from typing import Any

from redis import Redis
from redis.client import Pipeline

from recommendations.events.stream import Entry

DEAD_LETTERS_KEPT = 10_000
# Appended to the stream's name.
DEAD = ":dead"
TRYING_LIFE_S = 86_400


class Poison:
    """What is known of one stream's entries that fail or kill."""

    def __init__(self, client: Redis, name: str) -> None:
        self._client = client
        self._name = name

    def begin_trying(self, group: str, entry: Entry) -> int:
        """Note that a try begins; how many have begun and not ended, this one included."""
        key = self._trying(group, entry)
        n_tries: Any = self._client.incr(key)
        self._client.expire(key, TRYING_LIFE_S)
        return int(n_tries)

    def end_trying(self, group: str, entry: Entry) -> None:
        """The consumer outlived its try."""
        self._client.delete(self._trying(group, entry))

    def bury(self, client: "Redis | Pipeline", group: str, entry: Entry, reason: str) -> None:
        """Add a dead letter by this client, or in this pipeline."""
        letter: Any = {"group": group, "entry_id": entry.entry_id, "reason": reason[:500], "records": entry.payload}
        client.xadd(f"{self._name}{DEAD}", letter, maxlen=DEAD_LETTERS_KEPT, approximate=True)

    def n_letters(self) -> int:
        """How many dead letters there are."""
        return int(self._client.xlen(f"{self._name}{DEAD}"))

    def _trying(self, group: str, entry: Entry) -> str:
        return f"{self._name}:trying:{group}:{entry.entry_id.decode()}"
