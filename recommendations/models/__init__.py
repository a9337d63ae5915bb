"""What the shop knows and serves, and what the embedded backend owns, as rows."""

from recommendations.models.alarms import Alarm, AlarmNotice
from recommendations.models.filters import Filter
from recommendations.models.forgetting import LiveErasure
from recommendations.models.interactions import Interaction
from recommendations.models.joining import KeyJoin
from recommendations.models.outbox import OutboxInteraction
from recommendations.models.paid_acts import PaidAct
from recommendations.models.resources import (
    Campaign,
    Dataset,
    DatasetGroup,
    DatasetImportJob,
    EventTracker,
    Solution,
    SolutionVersion,
)
from recommendations.models.retraining import RetrainAction, RetrainRun, StepAttempt, Swap
from recommendations.models.rotations import Colour, Deployment, LiveCampaign, Rotation
from recommendations.models.served import Impression, PageServed, RecommendationServed
from recommendations.models.shared_lists import SharedList
from recommendations.models.waivers import GateWaiver

__all__ = [
    "Alarm",
    "AlarmNotice",
    "Campaign",
    "Colour",
    "Dataset",
    "DatasetGroup",
    "DatasetImportJob",
    "Deployment",
    "EventTracker",
    "Filter",
    "GateWaiver",
    "Impression",
    "Interaction",
    "KeyJoin",
    "LiveCampaign",
    "LiveErasure",
    "OutboxInteraction",
    "PageServed",
    "PaidAct",
    "RecommendationServed",
    "RetrainAction",
    "RetrainRun",
    "Rotation",
    "SharedList",
    "Solution",
    "SolutionVersion",
    "StepAttempt",
    "Swap",
]
