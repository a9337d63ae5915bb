"""The port: what any recommender backend offers, in Amazon Personalize's words, as protocols and frozen values."""

from recommendations.ports.protocols import Backend, ControlPlane, EventSink, Ranker, Runtime
from recommendations.ports.values import (
    DEFAULT_EXPLORATION,
    NO_VALUES,
    DatasetType,
    EventTracker,
    Exploration,
    ImportJob,
    Interaction,
    ItemSeen,
    RecommendationList,
    Resource,
    ResourceStatus,
    Shopper,
    SolutionVersion,
)

__all__ = [
    "DEFAULT_EXPLORATION",
    "NO_VALUES",
    "Backend",
    "ControlPlane",
    "DatasetType",
    "EventSink",
    "EventTracker",
    "Exploration",
    "ImportJob",
    "Interaction",
    "ItemSeen",
    "Ranker",
    "RecommendationList",
    "Resource",
    "ResourceStatus",
    "Runtime",
    "Shopper",
    "SolutionVersion",
]
