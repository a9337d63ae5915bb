"""PURE what is to be asked next for an order, told by where it stands and by the answers so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.orders.states import OrderStatus


class Kind(StrEnum):
    """What a provider can be asked."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Standing(StrEnum):
    """How a request stands."""

    ASKED = "asked"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an order's, and how it stands; a later one of its kind counts for it."""

    kind: Kind
    standing: Standing


@dataclass(frozen=True, slots=True)
class Next:
    """At most one of: a request to make, a status to move to. None of both: nothing, or an answer is awaited."""

    ask: Kind | None = None
    move_to: OrderStatus | None = None


NOTHING = Next()


def plan(status: OrderStatus, requests: Iterable[Request]) -> Next:
    """What an order needs now.

    An order is paid once the whole total is captured, and cancelled when the provider declines. What a cancelled order
    still holds of the buyer's money is let go or given back, whenever that turns out.

    Args:
        status: where the order stands.
        requests: all of them, oldest first.
    """
    found = {request.kind: request.standing for request in requests}
    if Standing.ASKED in found.values():
        return NOTHING
    if status == OrderStatus.MATCHED:
        return _plan_payment(found)
    if status == OrderStatus.CANCELLED:
        return _plan_return(found)
    return NOTHING


def _plan_payment(found: dict[Kind, Standing]) -> Next:
    for kind in (Kind.AUTHORISE, Kind.CAPTURE):
        if kind not in found:
            return Next(ask=kind)
        if found[kind] == Standing.DECLINED:
            return Next(move_to=OrderStatus.CANCELLED)
    return Next(move_to=OrderStatus.PAID)


def _plan_return(found: dict[Kind, Standing]) -> Next:
    if found.get(Kind.CAPTURE) == Standing.DONE:
        return Next(ask=Kind.REFUND) if Kind.REFUND not in found else NOTHING
    is_held = found.get(Kind.AUTHORISE) == Standing.DONE
    return Next(ask=Kind.VOID) if is_held and Kind.VOID not in found else NOTHING
