"""What an order may say: prices, days, reasons, and ids that the database can hold."""

from catalog.exceptions import OrderRejected

MAX_PRICE_CENTS = 1_000_000_00
EXPIRY_DAYS = (1, 3, 7, 14, 30)
# A BIGINT of PostgreSQL; ids come from forms and addresses.
MAX_ID = 2**63 - 1
MAX_REASON = 300


def check_price(field: str, cents: int) -> None:
    """Refuse a price that no order may have.

    Raises:
        OrderRejected: it is not 1..`MAX_PRICE_CENTS`.
    """
    if not 0 < cents <= MAX_PRICE_CENTS:
        raise OrderRejected(f"{field} == {cents}, must be 1..{MAX_PRICE_CENTS} minor units.")


def check_id(field: str, given: int) -> None:
    """Refuse an id that no row can have.

    Raises:
        OrderRejected: it is not 0..`MAX_ID`.
    """
    if not 0 <= given <= MAX_ID:
        raise OrderRejected(f"{field} == {given}: there is no such thing.")


def check_reason(reason: str) -> str:
    """A reason without the spaces around it.

    Raises:
        OrderRejected: it is empty or too long, or holds what no database takes.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON or "\0" in reason:
        raise OrderRejected(f"reason: say why, in 1 to {MAX_REASON} characters of text.")
    return reason
