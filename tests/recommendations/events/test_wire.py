"""Records survive the wire; what no reader can use is refused with its reason."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.events import ids, schema, wire
from recommendations.events.wire import MalformedRecord
from tests.factories.events import make_impression, make_interaction, make_served_list

WHOLE = make_interaction(event_value=12.5, recommendation_id=ids.uuid7(datetime(2026, 1, 1, tzinfo=UTC)))
FULL = make_served_list(
    rotation="home", campaign_arn="arn:x", backend_recommendation_id="RID-1", phase=3, variation="knn"
)


@pytest.mark.parametrize("record", [make_interaction(), WHOLE, make_served_list(), FULL, make_impression()])
def test_record_survives_the_wire(record: schema.Record) -> None:
    (payload,) = wire.encode_entries([record])

    decoded = wire.decode_entry(payload)

    assert decoded.records == [record]
    assert not decoded.refusals


def test_entries_hold_a_hundred_records_each() -> None:
    records = [make_interaction() for _ in range(250)]

    payloads = wire.encode_entries(records)

    assert [len(wire.decode_entry(payload).records) for payload in payloads] == [100, 100, 50]


def test_encoding_stamps_the_receipt_of_interactions() -> None:
    received_at = datetime(2030, 1, 1, tzinfo=UTC)

    (payload,) = wire.encode_entries([make_interaction()], received_at=received_at)

    (record,) = wire.decode_entry(payload).records
    assert getattr(record, "received_at") == received_at  # noqa: B009


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event_type": "stare"}, "unknown_event_type"),
        ({"item_id": ""}, "malformed"),
        ({"item_id": "x" * 65}, "malformed"),
        ({"item_id": "a\x00b"}, "malformed"),
        ({"item_id": "\ud800"}, "malformed"),
        ({"shopper_key": ""}, "malformed"),
        ({"session_id": "x" * 33}, "malformed"),
        ({"event_value": float("nan")}, "malformed"),
        ({"event_value": float("inf")}, "malformed"),
        ({"event_id": uuid4()}, "malformed"),
    ],
)
def test_interaction_that_no_table_takes_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedRecord) as refused:
        wire.check_record(make_interaction(**changes))

    assert refused.value.reason == reason


def test_bad_records_of_an_entry_leave_the_good_ones() -> None:
    good = make_interaction()
    parts: list[Any] = [wire.encode_record(good), ["x"], [], 5, ["i", 1, 2], None, {"i": 1}, ["i"] + [None] * 9]

    decoded = wire.decode_entry(json.dumps(parts).encode())

    assert decoded.records == [good]
    assert decoded.refusals == {"unknown_kind": 1, "unknown_event_type": 1, "malformed": 5}


@pytest.mark.parametrize("payload", [b"", b"{", b"5", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_entry_that_is_no_list_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedRecord):
        wire.decode_entry(payload)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=40)
        | st.sampled_from(["i", "s", "m"]),
        lambda inner: st.lists(inner, max_size=14),
        max_leaves=40,
    )
)
def test_any_json_is_decoded_or_refused(value: Any) -> None:
    try:
        decoded = wire.decode_entry(json.dumps(value).encode())
    except MalformedRecord:
        return

    assert isinstance(decoded.records, list)


def test_weights_are_shares_of_the_nine_event_types() -> None:
    assert len(schema.EVENT_TYPES) == 9
    assert all(0 <= weight <= 1 for weight in schema.EVENT_TYPES.values())
