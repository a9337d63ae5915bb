from typing import Any

import pytest

from recommendations.server.recipes import custom_names
from tests.factories.wire import RECIPE, refused


def test_recipes_are_listed_and_each_is_described_with_its_algorithm(personalize: Any) -> None:
    pages = personalize.get_paginator("list_recipes").paginate(PaginationConfig={"PageSize": 7})

    listed = [each["recipeArn"] for page in pages for each in page["recipes"]]

    assert {f"{RECIPE}{name}" for name in custom_names()} <= set(listed)
    assert len(set(listed)) == len(listed)
    for arn in listed:
        recipe = personalize.describe_recipe(recipeArn=arn)["recipe"]
        assert (recipe["recipeArn"], recipe["status"]) == (arn, "ACTIVE")
        algorithm = personalize.describe_algorithm(algorithmArn=recipe["algorithmArn"])["algorithm"]
        ranges = algorithm["defaultHyperParameterRanges"].values()
        told = {each["name"] for kind in ranges for each in kind}
        assert told == set(algorithm["defaultHyperParameters"])
        transformation = recipe["featureTransformationArn"]
        described = personalize.describe_feature_transformation(featureTransformationArn=transformation)
        assert described["featureTransformation"]["featureTransformationArn"] == transformation


def test_recipes_of_a_domain_are_its_own(personalize: Any) -> None:
    listed = personalize.list_recipes(domain="ECOMMERCE")["recipes"]

    assert {each["domain"] for each in listed} == {"ECOMMERCE"}


@pytest.mark.parametrize("arn", [f"{RECIPE}aws-nothing", "arn:aws:personalize:::algorithm/aws-hrnn"])
def test_recipe_that_is_none_is_not_found(personalize: Any, arn: str) -> None:
    with refused("ResourceNotFoundException", arn):
        personalize.describe_recipe(recipeArn=arn)
