"""PURE recipes under Amazon's ARNs: the engine's own, and those of the domains by another name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recommendations.engine.exceptions import ExtraMissing
from recommendations.engine.recipes import RECIPES, Recipe
from recommendations.server.wire.faults import invalid, not_found

PREFIX = "arn:aws:personalize:::recipe/"
DEFAULT_RECIPE = "aws-user-personalization"
# Amazon's further names for what the engine has once.
OTHER_NAMES: Mapping[str, str] = MappingProxyType({"aws-personalized-ranking-v2": "aws-personalized-ranking"})
# What is trained instead where a package that a recipe's training needs is not installed.
SUBSTITUTES: Mapping[str, str] = MappingProxyType({"aws-user-personalization-v2": "aws-user-personalization"})


@dataclass(frozen=True, slots=True)
class DomainRecipe:
    """A use case of a domain: what the engine trains for it, on which events, and what its lists leave out.

    Attributes:
        recipe: the engine's.
        event_type: the events that count, none for all.
        hides_purchased: whether what a user bought is left out.
    """

    name: str
    domain: str
    recipe: str
    event_type: str = ""
    hides_purchased: bool = False


_ECOMMERCE = "ECOMMERCE"
_VIDEO = "VIDEO_ON_DEMAND"
# Amazon Personalize developer guide, "Choosing recommender use cases".
DOMAIN_RECIPES: Mapping[str, DomainRecipe] = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            DomainRecipe("aws-ecomm-recommended-for-you", _ECOMMERCE, "aws-user-personalization", hides_purchased=True),
            DomainRecipe("aws-ecomm-popular-items-by-views", _ECOMMERCE, "aws-popularity-count", "View"),
            DomainRecipe("aws-ecomm-popular-items-by-purchases", _ECOMMERCE, "aws-popularity-count", "Purchase"),
            DomainRecipe("aws-ecomm-frequently-bought-together", _ECOMMERCE, "aws-similar-items", "Purchase"),
            DomainRecipe("aws-ecomm-customers-who-viewed-x-also-viewed", _ECOMMERCE, "aws-similar-items", "View"),
            DomainRecipe("aws-vod-top-picks", _VIDEO, "aws-user-personalization"),
            DomainRecipe("aws-vod-because-you-watched-x", _VIDEO, "aws-similar-items"),
            DomainRecipe("aws-vod-more-like-x", _VIDEO, "aws-similar-items"),
            DomainRecipe("aws-vod-most-popular", _VIDEO, "aws-popularity-count"),
            DomainRecipe("aws-vod-trending-now", _VIDEO, "aws-trending-now"),
        )
    }
)


def custom_names() -> tuple[str, ...]:
    """Return the names that a solution's recipe may have."""
    return (*RECIPES, *OTHER_NAMES)


def name_of(arn: str) -> str:
    """Return the name of an offered recipe.

    Raises:
        ApiFault: ResourceNotFoundException.
    """
    name = arn.removeprefix(PREFIX)
    if name == arn or name not in {*custom_names(), *DOMAIN_RECIPES}:
        raise not_found(arn)
    return name


def trained_as(name: str) -> Recipe:
    """Return what the engine trains under the name of an offered recipe."""
    trained = DOMAIN_RECIPES[name].recipe if name in DOMAIN_RECIPES else OTHER_NAMES.get(name, name)
    recipe = RECIPES[trained]
    try:
        recipe.require()
    except ExtraMissing:
        return RECIPES[SUBSTITUTES[trained]]
    return recipe


def custom_name_of(arn: str) -> str:
    """Return the name of a recipe that a solution may have.

    Raises:
        ApiFault: ResourceNotFoundException; InvalidInputException for a domain's, which recommenders take.
    """
    name = name_of(arn)
    if name in DOMAIN_RECIPES:
        raise invalid(f"recipeArn == {arn!r}: it is a recipe of a domain; create a recommender with it.")
    return name


def find_domain_recipe(arn: str, domain: str) -> DomainRecipe:
    """Return the recipe of a recommender.

    Raises:
        ApiFault: ResourceNotFoundException; InvalidInputException where the group's domain is another.
    """
    found = DOMAIN_RECIPES.get(name_of(arn))
    if found is None or found.domain != domain:
        offered = ", ".join(each.name for each in DOMAIN_RECIPES.values() if each.domain == domain) or "none"
        raise invalid(f"recipeArn == {arn!r}: a group of the domain {domain or 'none'} takes {offered}.")
    return found
