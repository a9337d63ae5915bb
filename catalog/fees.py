"""PURE what buyer and seller pay beside the price: a table of fees, and the amounts that it makes of a price."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Self


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one order moves, in minor units: `total` from the buyer, `payout` to the seller, the rest to the shop."""

    price: int
    processing: int
    shipping: int
    total: int
    fee: int
    payout: int


@dataclass(frozen=True, slots=True)
class FeeTable:
    """Shares (0..1 of the price) with their least amounts, and a flat price of shipping, in minor units.

    Shares are exact decimals, so that Python and PostgreSQL's `numeric` round alike. The house pays the seller's fee
    for what it sells itself as well: what a sale earns does not depend on who sold.
    """

    processing_share: Decimal = Decimal("0.03")
    processing_min_cents: int = 50
    shipping_cents: int = 995
    seller_share: Decimal = Decimal("0.1")
    seller_min_cents: int = 100

    def __post_init__(self) -> None:
        for name in ("processing_share", "seller_share"):
            share = getattr(self, name)
            if not (isinstance(share, Decimal) and share.is_finite() and 0 <= share < 1):
                raise ValueError(f"{name} == {share!r}, must be a Decimal of at least 0 and below 1")
        for name in ("processing_min_cents", "shipping_cents", "seller_min_cents"):
            cents = getattr(self, name)
            if isinstance(cents, bool) or not isinstance(cents, int) or cents < 0:
                raise ValueError(f"{name} == {cents!r}, must be a whole number of minor units, 0 or more")

    @classmethod
    def read(cls, told: Mapping[str, str]) -> Self:
        """A table of what is told, and the default for the rest.

        Args:
            told: field -> its value as text, as in `{"seller_share": "0.08"}`.

        Returns:
            The table.

        Raises:
            ValueError: a field is unknown or its value out of range; the message names it.
        """
        known = {field.name for field in fields(cls)}
        strange = sorted(set(told) - known)
        if strange:
            raise ValueError(f"{strange[0]}: no such fee; name one of {', '.join(sorted(known))}")
        return cls(
            **{name: Decimal(text) if name.endswith("_share") else int(text) for name, text in told.items()}  # type: ignore[arg-type]
        )

    @property
    def terms(self) -> str:
        """A name for exactly these fees: what somebody agreed to is told from what holds now."""
        return sha256(repr(self).encode()).hexdigest()[:16]

    def amounts(self, price_cents: int) -> Amounts:
        """What an order at this price moves.

        Halves of a minor unit are rounded up. The seller's fee is never more than the price: a payout is 0 or more.

        Args:
            price_cents: the trade's price in minor units, above 0.

        Returns:
            The amounts; total == price + processing + shipping, and price == fee + payout.

        Raises:
            ValueError: the price is not above 0.
        """
        if price_cents <= 0:
            raise ValueError(f"price_cents == {price_cents}, must be above 0")
        processing = max(self.processing_min_cents, _share_of(price_cents, self.processing_share))
        fee = min(price_cents, max(self.seller_min_cents, _share_of(price_cents, self.seller_share)))
        total = price_cents + processing + self.shipping_cents
        return Amounts(price_cents, processing, self.shipping_cents, total, fee, price_cents - fee)


def _share_of(cents: int, share: Decimal) -> int:
    return int((cents * share).to_integral_value(rounding=ROUND_HALF_UP))
