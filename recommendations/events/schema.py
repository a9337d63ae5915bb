"""The event types, and the records that ride the stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
PURCHASE, RETURN = "purchase", "return"
# A purchase and a later return of the same item cancel out.
TRADES = (PURCHASE, RETURN)
MAX_ITEMS = 200


@dataclass(frozen=True, slots=True)
class ServedList:
    """One list as it was put on a page: which items, best first, and where they came from.

    `took_ms` is what the row's own work took and `error` the code of what failed in it, empty where nothing did.
    `teams` holds a letter for each item of an interleaved list: A or B, the team that drafted it, or - for neither.
    """

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
    phase_id: int | None = None
    variation: str = ""
    took_ms: float = 0.0
    error: str = ""
    teams: str = ""


@dataclass(frozen=True, slots=True)
class Impression:
    """One item of a list that a shopper saw on one page view; `rank` counts as the page does."""

    impression_id: UUID
    recommendation_id: UUID
    page_view_id: UUID
    shopper_key: str
    rank: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class PageServed:
    """One view of a page as a whole, also when it failed: its HTTP status and how long the server took."""

    page_view_id: UUID
    shopper_key: str
    session_id: str
    page: str
    status: int
    took_ms: float
    phase_id: int | None
    variation: str
    served_at: datetime


@dataclass(frozen=True, slots=True)
class Exposed:
    """A unit was really given its variation; `attributes` are what was known of it before that."""

    unit: str
    phase_id: int
    variation: str
    at: datetime
    is_forced: bool = False
    is_triggered: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """A device that nobody had signed in on took an account's key: what its own key did, the account's shopper did."""

    shopper_key: str
    heir_key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """A product was added, announced, changed or taken off; what it is now, the catalogue says when it is asked.

    `number` is the change's own, and grows with the changes; `received_at` is when it was passed on.
    """

    number: int
    item_id: str
    received_at: datetime


Record = Interaction | ServedList | Impression | PageServed | Exposed | Joined | ItemChanged
