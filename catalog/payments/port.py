"""The port to whoever moves money: four requests, each harmless when it is repeated under its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said: done or declined, its own name for the money, and words for people."""

    is_done: bool
    reference: str = ""
    words: str = ""


class PaymentProvider(Protocol):
    """A payment provider.

    Amounts are minor units of the shop's one currency. The same key with the same content gives the same answer and
    moves nothing more; with other content it raises `PaymentMisused`. A request whose outcome is not known raises
    `PaymentUnanswered`, and is asked again under its key. No request carries a card's number: `token` is what the
    provider itself gave out for a means of payment.
    """

    @property
    def tokens(self) -> Mapping[str, str]:
        """Means of payment that every account may choose without leaving the shop -> what they are, in words."""

    def authorise(self, *, key: UUID, token: str, amount_cents: int) -> Answer:
        """Hold an amount; a done answer's reference names it from then on."""

    def capture(self, *, key: UUID, reference: str, amount_cents: int) -> Answer:
        """Take what is held, or a part of it; what is not taken is let go."""

    def void(self, *, key: UUID, reference: str) -> Answer:
        """Let go what is held; declined once it is captured."""

    def refund(self, *, key: UUID, reference: str, amount_cents: int) -> Answer:
        """Give back what was captured, or a part of it; in all no more than that."""
