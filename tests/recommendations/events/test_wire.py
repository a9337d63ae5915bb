"""Records survive the wire; what no reader can use is refused with its reason."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.events import ids, schema, wire
from recommendations.events.fields import MalformedRecord
from tests.factories.events import make_exposed, make_impression, make_interaction, make_page, make_served_list

WHOLE = make_interaction(event_value=12.5, recommendation_id=ids.uuid7(datetime(2026, 1, 1, tzinfo=UTC)))
FULL = make_served_list(
    rotation="home",
    campaign_arn="arn:x",
    backend_recommendation_id="RID-1",
    phase_id=2**40,
    variation="knn",
    took_ms=3.25,
    error="backend_unavailable",
    teams="B-",
)
WATCHED = make_exposed(is_forced=True, is_triggered=False, attributes={"device": "phone"})


@pytest.mark.parametrize(
    "record",
    [
        make_interaction(),
        WHOLE,
        make_served_list(),
        FULL,
        make_impression(),
        make_page(),
        make_page(phase_id=None, variation="", session_id=""),
        make_exposed(),
        WATCHED,
        schema.Joined("device", "account", datetime(2026, 1, 1, tzinfo=UTC)),
        schema.ItemChanged(2**62, "SKU-1", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
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


@pytest.mark.parametrize(
    "record",
    [
        make_served_list(took_ms=float("nan")),
        make_served_list(took_ms=-0.5),
        make_served_list(error="two\nlines"),
        make_served_list(teams="A"),
        make_served_list(teams="A1"),
        make_served_list(phase_id=0),
        make_served_list(phase_id=2**63),
        make_page(status=99),
        make_page(status=600),
        make_page(page=""),
        make_page(took_ms=float("inf")),
        make_page(page_view_id=uuid4()),
        make_exposed(unit=""),
        schema.ItemChanged(0, "SKU-1", datetime(2026, 1, 1, tzinfo=UTC)),
        schema.ItemChanged(1, "", datetime(2026, 1, 1, tzinfo=UTC)),
        schema.Joined("", "account", datetime(2026, 1, 1, tzinfo=UTC)),
        schema.Joined("device", "x" * 65, datetime(2026, 1, 1, tzinfo=UTC)),
        schema.Joined("same", "same", datetime(2026, 1, 1, tzinfo=UTC)),
        make_exposed(phase_id=None),
        make_exposed(phase_id=-1),
        make_exposed(variation="v" * 101),
        make_exposed(is_forced=1),
        make_exposed(is_triggered=None),
        make_exposed(attributes={"device": "d" * 65}),
        make_exposed(attributes={str(n): "x" for n in range(11)}),
    ],
)
def test_record_out_of_bounds_is_refused(record: schema.Record) -> None:
    with pytest.raises(MalformedRecord) as refused:
        wire.check_record(record)

    assert refused.value.reason == "malformed"


def test_served_list_of_the_release_before_loses_its_phase_number() -> None:
    old = wire.encode_record(FULL)[:-3]

    decoded = wire.decode_record(old)

    assert decoded == replace(FULL, phase_id=None, took_ms=0.0, error="", teams="")


def test_bad_records_of_an_entry_leave_the_good_ones() -> None:
    good = make_interaction()
    parts: list[Any] = [wire.encode_record(good), ["z"], [], 5, ["i", 1, 2], None, {"i": 1}, ["i"] + [None] * 9]

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
        | st.sampled_from(["i", "s", "m", "p", "x"]),
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
