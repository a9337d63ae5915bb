"""What crosses the port: frozen values in Amazon Personalize's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

NO_VALUES: Mapping[str, str] = MappingProxyType({})
# Amazon Personalize developer guide, "Quotas": items of one PutItems.
MAX_ITEMS_A_PUT = 10


class ResourceStatus(StrEnum):
    """The life of a backend's resource, spelled as Personalize does."""

    PENDING = "CREATE PENDING"
    IN_PROGRESS = "CREATE IN_PROGRESS"
    ACTIVE = "ACTIVE"
    FAILED = "CREATE FAILED"
    STOPPED = "CREATE STOPPED"


class DatasetType(StrEnum):
    """The datasets of a group, spelled as Personalize does."""

    INTERACTIONS = "INTERACTIONS"
    ITEMS = "ITEMS"
    USERS = "USERS"


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who asks: one key for recommender, history, experiment and erasure; the session id is only the visit."""

    shopper_key: str
    session_id: str
    has_consent: bool = True
    is_bot: bool = False

    @property
    def is_tracked(self) -> bool:
        """Whether anything this shopper does may be recorded."""
        return self.has_consent and not self.is_bot


@dataclass(frozen=True, slots=True)
class Interaction:
    """One shopper-item fact.

    `event_id` is a UUIDv7 whose time picks the partition, so that the id alone decides whether a fact is stored.
    `received_at` is when the shop took it in (the watermark compares it), `occurred_at` when it happened.
    """

    event_id: UUID
    shopper_key: str
    session_id: str
    item_id: str
    event_type: str
    occurred_at: datetime
    received_at: datetime
    event_value: float | None = None
    recommendation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """Somebody saw an item in a list; `impression_id` is this sight's own."""

    impression_id: UUID
    item_id: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item as campaigns may know it: `properties` are the columns of the Items dataset but its id, with values."""

    item_id: str
    properties: Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Exploration:
    """How much a campaign explores new items, where its recipe does at all.

    Attributes:
        weight: of chance against what the model says, 0..1; 0 explores nothing.
        age_cut_off_days: items older than this, at the newest interaction of the training, are not explored.
    """

    weight: float = 0.3
    age_cut_off_days: float = 30.0


@dataclass(frozen=True, slots=True)
class RecommendationList:
    """Items for one shopper, best first, and the backend's id of this answer.

    `scores` are those of the first items; items that have none come last. `because` names, for an item, the item of
    the shopper's history that pulled it up most; items that no history pulled up are not in it, nor is anything where
    the backend explains nothing. It may be worked out only when it is looked into. `is_general` says that nothing was
    known of what was asked about, so that anybody would get these items; a service that does not tell leaves it False.
    `scores_total` is the sum over more of the best items than are listed, where it was asked for; 0 elsewhere.
    """

    item_ids: tuple[str, ...]
    recommendation_id: str
    scores: tuple[float, ...] = ()
    because: Mapping[str, str] = field(default_factory=dict, compare=False)
    is_general: bool = False
    scores_total: float = 0.0


DEFAULT_EXPLORATION = Exploration()


@dataclass(frozen=True, slots=True)
class Resource:
    """A backend's resource: its ARN, its status, and why it failed where it did."""

    arn: str
    status: ResourceStatus
    failure_reason: str = ""


@dataclass(frozen=True, slots=True)
class EventTracker(Resource):
    """Where a dataset group takes live events; `tracking_id` addresses it."""

    tracking_id: str = ""


@dataclass(frozen=True, slots=True)
class ImportJob(Resource):
    """A bulk import; `n_rows` is what the backend counted, once ACTIVE."""

    n_rows: int | None = None


@dataclass(frozen=True, slots=True)
class SolutionVersion(Resource):
    """A trained model; `metrics` are the backend's own offline figures, once ACTIVE.

    `progress` is the share done, 0..1, and `note` what is being done, where the backend tells; so is `training`, what
    the training cost and came to, in facts that JSON can hold.
    """

    progress: float = 0.0
    note: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
