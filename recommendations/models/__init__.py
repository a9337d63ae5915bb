"""What the shop knows and serves, as rows."""

from recommendations.models.interactions import Interaction
from recommendations.models.outbox import OutboxInteraction
from recommendations.models.rotations import Colour, Deployment, LiveCampaign, Rotation
from recommendations.models.served import Impression, RecommendationServed
from recommendations.models.shared_lists import SharedList

__all__ = [
    "Colour",
    "Deployment",
    "Impression",
    "Interaction",
    "LiveCampaign",
    "OutboxInteraction",
    "RecommendationServed",
    "Rotation",
    "SharedList",
]
