"""Rotations that pages ask by name beside the homepage's: what stands beside a product, and lists in one's order."""

from collections.abc import Mapping
from types import MappingProxyType

from recommendations.models import Interaction, Rotation

SIMILAR, RANKING = "similar", "ranking"
# Rotation -> its slot and recipe.
PAGE_ROTATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        SIMILAR: ("product-similar", "aws-similar-items"),
        RANKING: ("list-ranking", "aws-personalized-ranking"),
    }
)
# Rotation -> where it is seen, in words.
PLACES: Mapping[str, str] = MappingProxyType(
    {SIMILAR: "the product page", RANKING: "the order For You of search and categories"}
)


def ensure_page_rotations() -> None:
    """Make those that are missing, once there is something to train on; an admin's changes stay.

    Nothing is trained here: a rotation without a run since the last night is begun by the next tick, and until its
    campaign is live, pages show what needs none.
    """
    if not Interaction.objects.exists():
        # Each night's run would fail, and tell somebody who can do nothing about it.
        return
    for key, (slot, recipe) in PAGE_ROTATIONS.items():
        Rotation.objects.get_or_create(key=key, defaults={"slot": slot, "recipe": recipe})
