"""Records of the event stream for tests; each valid with no arguments."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.conf import settings

from recommendations.events import ids
from recommendations.events.schema import Exposed, Impression, PageServed, ServedList
from recommendations.ports import Interaction


def make_interaction(**fields: Any) -> Interaction:
    occurred_at = fields.get("occurred_at") or settings.CLOCK.now()
    made = Interaction(
        event_id=ids.uuid7(occurred_at),
        shopper_key=uuid4().hex,
        session_id=uuid4().hex[:16],
        item_id="TEST-0001",
        event_type="product_view",
        occurred_at=occurred_at,
        received_at=occurred_at,
    )
    return replace(made, **fields)


def make_served_list(**fields: Any) -> ServedList:
    served_at = fields.get("served_at") or settings.CLOCK.now()
    made = ServedList(
        recommendation_id=ids.uuid7(served_at),
        shopper_key=uuid4().hex,
        session_id=uuid4().hex[:16],
        page_view_id=ids.uuid7(served_at),
        row="recommended",
        rung="personal",
        item_ids=("TEST-0001", "TEST-0002"),
        served_at=served_at,
    )
    return replace(made, **fields)


def make_impression(**fields: Any) -> Impression:
    seen_at = fields.get("seen_at") or settings.CLOCK.now()
    made = Impression(
        impression_id=ids.uuid7(seen_at),
        recommendation_id=ids.uuid7(seen_at),
        page_view_id=ids.uuid7(seen_at),
        shopper_key=uuid4().hex,
        rank=1,
        seen_at=seen_at,
    )
    return replace(made, **fields)


def make_page(**fields: Any) -> PageServed:
    served_at = fields.get("served_at") or settings.CLOCK.now()
    made = PageServed(
        page_view_id=ids.uuid7(served_at),
        shopper_key=uuid4().hex,
        session_id=uuid4().hex[:16],
        page="home",
        status=200,
        took_ms=12.5,
        phase_id=3,
        variation="treatment",
        served_at=served_at,
    )
    return replace(made, **fields)


def make_exposed(**fields: Any) -> Exposed:
    made = Exposed(unit=uuid4().hex, phase_id=3, variation="treatment", at=fields.get("at") or settings.CLOCK.now())
    return replace(made, **fields)
