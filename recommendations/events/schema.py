"""The event types, and the records that ride the stream."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from recommendations.ports import Interaction

# Event type -> its default weight in training, 0..1.
EVENT_TYPES = MappingProxyType(
    {
        "product_view": 0.2,
        "row_click": 0.3,
        "search_click": 0.3,
        "watch": 0.5,
        "bid": 0.8,
        "ask": 0.1,
        "purchase": 1.0,
        "return": 0.0,
        "hide": 0.0,
    }
)
MAX_ITEMS = 200


@dataclass(frozen=True, slots=True)
class ServedList:
    """One list as it was put on a page: which items, best first, and where they came from."""

    recommendation_id: UUID
    shopper_key: str
    session_id: str
    page_view_id: UUID
    row: str
    rung: str
    item_ids: tuple[str, ...]
    served_at: datetime
    rotation: str = ""
    campaign_arn: str = ""
    backend_recommendation_id: str = ""
    phase: int | None = None
    variation: str = ""


@dataclass(frozen=True, slots=True)
class Impression:
    """One item of a list that a shopper saw on one page view; `rank` counts as the page does."""

    impression_id: UUID
    recommendation_id: UUID
    page_view_id: UUID
    shopper_key: str
    rank: int
    seen_at: datetime


Record = Interaction | ServedList | Impression
