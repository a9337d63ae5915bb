"""The port: what any recommender backend offers, in Amazon Personalize's words, as protocols and frozen values."""

from recommendations.ports.protocols import Backend, ControlPlane, Ranker, Runtime
from recommendations.ports.sinks import EventSink
from recommendations.ports.values import (
    DEFAULT_EXPLORATION,
    MAX_ITEMS_A_PUT,
    NO_VALUES,
    DatasetType,
    EventTracker,
    Exploration,
    ImportJob,
    Interaction,
    Item,
    ItemSeen,
    RecommendationList,
    Resource,
    ResourceStatus,
    Shopper,
    SolutionVersion,
)

__all__ = [
    "DEFAULT_EXPLORATION",
    "MAX_ITEMS_A_PUT",
    "NO_VALUES",
    "Backend",
    "ControlPlane",
    "DatasetType",
    "EventSink",
    "EventTracker",
    "Exploration",
    "ImportJob",
    "Interaction",
    "Item",
    "ItemSeen",
    "Ranker",
    "RecommendationList",
    "Resource",
    "ResourceStatus",
    "Runtime",
    "Shopper",
    "SolutionVersion",
]
