"""The outbox: money's interactions, written in the transaction that caused them, relayed to the stream later."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from recommendations import conf, monitoring
from recommendations.events import ids
from recommendations.events.fields import MalformedRecord
from recommendations.events.refusals import refusals
from recommendations.events.schema import Record
from recommendations.events.stream import EventStream
from recommendations.events.streams import open_stream
from recommendations.events.wire import decode_record, encode_entries, encode_record
from recommendations.exceptions import InvalidInput
from recommendations.models import OutboxInteraction
from recommendations.ports import Interaction, Shopper

RELAY_LIMIT = 1000


def deed_of(shopper: Shopper, event_type: str, *, key: str, item_id: str, price: float, at: datetime) -> Interaction:
    """What an account did on the market; its event id comes from the deed, so that no repetition adds a second.

    Args:
        shopper: who did it; who may not be tracked has nothing to record, so ask `is_tracked` first.
        event_type: `purchase`, `return`, `bid` or `ask`.
        key: the trade's, the bid's or the ask's own.
        item_id: the product's SKU.
        price: in major units of the world's currency.
        at: when it was done, aware.
    """
    return Interaction(
        event_id=ids.derived(at, event_type, key),
        shopper_key=shopper.shopper_key,
        session_id=shopper.session_id,
        item_id=item_id,
        event_type=event_type,
        occurred_at=at,
        received_at=at,
        event_value=price,
    )


def add(interaction: Interaction) -> None:
    """Keep an interaction for the stream, if and only if the surrounding transaction commits.

    Raises:
        InvalidInput: no transaction is open, or a field would be refused by every reader; the message names it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise InvalidInput("outbox.add needs an open transaction; call it within transaction.atomic().")
    payload = encode_record(interaction)
    decode_record(payload)
    row = OutboxInteraction(event_id=interaction.event_id, payload=payload, created_at=conf.now())
    OutboxInteraction.objects.bulk_create([row], ignore_conflicts=True)


def relay(limit: int = RELAY_LIMIT, *, stream: EventStream | None = None) -> int:
    """Take the oldest interactions to the stream, at least once each, their receipt stamped as they go.

    Args:
        limit: how many at most.
        stream: another than the shop's own, for tests.

    Returns:
        How many left the outbox.

    Raises:
        StreamUnavailable: out of reach or full; the rows stay.
    """
    rows = list(OutboxInteraction.objects.order_by("created_at", "event_id")[:limit])
    if not rows:
        return 0
    received_at = conf.now()
    records = list(_decoded(rows))
    payloads = encode_entries(records, received_at=received_at)
    (stream or open_stream()).append(payloads)
    monitoring.events_taken(Counter(record.event_type for record in records if isinstance(record, Interaction)))
    OutboxInteraction.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def oldest_waiting_at() -> datetime | None:
    """When the oldest interaction still here came in; None when all are relayed."""
    moment: datetime | None = OutboxInteraction.objects.aggregate(oldest=Min("created_at"))["oldest"]
    return moment


def _decoded(rows: Iterable[OutboxInteraction]) -> Iterable[Record]:
    for row in rows:
        try:
            yield decode_record(row.payload)
        except MalformedRecord as error:
            # Only an older release can have written it; one bad row must not hold up the others.
            refusals.add("outbox", error.reason)
