"""Dead letters: entries that a consumer group gave up on, kept so that a person can look, send them again or let go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from redis import Redis

from recommendations.events.connections import worker_client
from recommendations.events.poison import DEAD
from recommendations.events.stream import NAME, EventStream
from recommendations.events.streams import open_stream

BATCH = 100


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One entry that was given up on: by which group, why, and its payload of up to a hundred records."""

    letter_id: bytes
    group: str
    reason: str
    payload: bytes


class DeadLetters:
    """The newest ten thousand entries that were given up on, oldest first."""

    def __init__(self, client: Redis, stream: EventStream, *, name: str = NAME) -> None:
        self._client = client
        self._name = f"{name}{DEAD}"
        self._stream = stream

    @classmethod
    def of_settings(cls) -> "DeadLetters":
        """Those of the shop's stream."""
        return cls(worker_client(), open_stream())

    def __iter__(self) -> Iterator[DeadLetter]:
        """Each letter there is now, read in batches."""
        after = b"-"
        while rows := self._read(after):
            yield from (_letter(letter_id, fields) for letter_id, fields in rows)
            after = b"(" + rows[-1][0]

    def __len__(self) -> int:
        """How many there are."""
        return int(self._client.xlen(self._name))

    def send_again(self) -> int:
        """Put every letter back on the stream, for all groups; what they have had already, they take without effect.

        A letter is removed only once the stream has it, so that a death between the two sends it twice, never loses it.

        Returns:
            How many were sent.

        Raises:
            StreamUnavailable: no answer, or the stream is full; the rest stay where they are.
        """
        return self._let_go(append=True)

    def discard(self) -> int:
        """Remove every letter there is now, for good.

        Returns:
            How many were removed.
        """
        return self._let_go(append=False)

    def _let_go(self, *, append: bool) -> int:
        n_done = 0
        for letter in list(self):
            if append:
                self._stream.append([letter.payload])
            n_done += int(self._client.xdel(self._name, letter.letter_id))
        return n_done

    def _read(self, after: bytes) -> list[Any]:
        rows: Any = self._client.xrange(self._name, min=after, count=BATCH)
        return list(rows)


def _letter(letter_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id,
        group=fields[b"group"].decode(errors="replace"),
        reason=fields[b"reason"].decode(errors="replace"),
        payload=fields[b"records"],
    )
