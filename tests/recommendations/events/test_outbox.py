"""Money's interactions leave with their transaction, reach the stream at least once, and wait while it is full."""

from datetime import timedelta

import pytest
from django.db import transaction
from redis import Redis

from recommendations import conf
from recommendations.events import ids, outbox
from recommendations.events.fields import MalformedRecord
from recommendations.events.stream import StreamFull
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import InvalidInput
from recommendations.models import OutboxInteraction
from recommendations.ports import Interaction, Shopper
from tests.factories.events import make_interaction
from tests.recommendations.events.conftest import Entries

pytestmark = pytest.mark.django_db(transaction=True)

WANDA = Shopper(shopper_key="a" * 32, session_id="b" * 16)


def purchase(trade_id: int = 7) -> Interaction:
    return outbox.deed_of(
        WANDA, "purchase", key=str(trade_id), item_id="TEST-0001", price=120.0, at=conf.now().replace(microsecond=0)
    )


def add(*interactions: Interaction) -> None:
    with transaction.atomic():
        for interaction in interactions:
            outbox.add(interaction)


def test_purchase_takes_its_id_from_the_trade() -> None:
    traded_at = conf.now()
    one, again = (
        outbox.deed_of(WANDA, "purchase", key="7", item_id="TEST-0001", price=120.0, at=traded_at) for _ in range(2)
    )

    assert one == again
    assert ids.time_of(one.event_id) == traded_at.replace(microsecond=traded_at.microsecond // 1000 * 1000)


def test_outbox_shares_the_fate_of_its_transaction() -> None:
    with transaction.atomic():
        outbox.add(purchase())
        transaction.set_rollback(True)

    assert not OutboxInteraction.objects.exists()


def test_outbox_wants_a_transaction() -> None:
    with pytest.raises(InvalidInput, match="transaction"):
        outbox.add(purchase())


def test_outbox_refuses_what_no_reader_takes() -> None:
    with pytest.raises(MalformedRecord), transaction.atomic():
        outbox.add(make_interaction(event_type="stare"))


def test_relay_empties_the_outbox_and_stamps_the_receipt(stream: ValkeyStream, entries: Entries) -> None:
    bought = purchase()
    add(bought, bought)

    n_relayed = outbox.relay(stream=stream)

    ((relayed,),) = entries()
    assert isinstance(relayed, Interaction)
    assert n_relayed == 1
    assert relayed.event_id == bought.event_id
    assert timedelta() <= relayed.received_at - bought.received_at < timedelta(seconds=30)
    assert not OutboxInteraction.objects.exists()


def test_relay_takes_the_oldest_first_up_to_its_limit(stream: ValkeyStream, entries: Entries) -> None:
    for number in range(5):
        add(make_interaction(item_id=f"ITEM-{number}"))

    assert outbox.relay(3, stream=stream) == 3

    ((first, second, third),) = entries()
    assert [getattr(one, "item_id", "") for one in (first, second, third)] == ["ITEM-0", "ITEM-1", "ITEM-2"]
    assert outbox.oldest_waiting_at() is not None


def test_relay_keeps_what_a_full_stream_refuses(valkey: Redis, stream_name: str) -> None:
    add(purchase())

    with pytest.raises(StreamFull):
        outbox.relay(stream=ValkeyStream(valkey, name=stream_name, max_length=0))

    assert OutboxInteraction.objects.count() == 1


def test_relay_repeats_itself_after_a_crash(stream: ValkeyStream, entries: Entries) -> None:
    add(purchase())
    row = OutboxInteraction.objects.get()
    outbox.relay(stream=stream)
    # As if the process had died between the append and the delete.
    row.save(force_insert=True)

    outbox.relay(stream=stream)

    relayed = [record for entry in entries() for record in entry]
    assert len(relayed) == 2
    assert len({getattr(record, "event_id", None) for record in relayed}) == 1


def test_relay_is_not_held_up_by_one_bad_row(stream: ValkeyStream) -> None:
    OutboxInteraction.objects.create(event_id=ids.uuid7(conf.now()), payload=["what"], created_at=conf.now())
    add(purchase())

    assert outbox.relay(stream=stream) == 2
    assert stream.length() == 1
