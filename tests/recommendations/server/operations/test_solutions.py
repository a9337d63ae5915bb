from typing import Any

import pytest

from recommendations.server.limits import MAX_SOLUTIONS_IN_GROUP
from tests.factories.wire import RECIPE, refused, unique
from tests.factories.wire_groups import Group, Trained


def test_solution_is_described_as_it_was_asked_for(personalize: Any, plain: Group) -> None:
    config = {
        "algorithmHyperParameters": {"hidden_dimension": "64"},
        "eventsConfig": {"eventParametersList": [{"eventType": "buy", "weight": 1.0, "eventValueThreshold": 2.0}]},
    }

    arn = plain.solution("aws-hrnn", solutionConfig=config, performAutoTraining=False)

    described = personalize.describe_solution(solutionArn=arn)["solution"]
    assert (described["recipeArn"], described["datasetGroupArn"]) == (f"{RECIPE}aws-hrnn", plain.arn)
    assert described["solutionConfig"] == config
    assert "latestSolutionVersion" not in described
    assert arn in {each["solutionArn"] for each in personalize.list_solutions(datasetGroupArn=plain.arn)["solutions"]}
    personalize.delete_solution(solutionArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_solution(solutionArn=arn)


def _hpo(n_models: str = "2", **ranges: tuple[int, int]) -> dict[str, Any]:
    listed = [{"name": name, "minValue": low, "maxValue": high} for name, (low, high) in ranges.items()]
    asked = {
        "hpoResourceConfig": {"maxNumberOfTrainingJobs": n_models},
        "algorithmHyperParameterRanges": {"integerHyperParameterRanges": listed},
    }
    return {"performHPO": True, "solutionConfig": {"hpoConfig": asked}}


def _every(rate: str) -> dict[str, Any]:
    return {"performAutoTraining": True, "solutionConfig": {"autoTrainingConfig": {"schedulingExpression": rate}}}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"solutionConfig": {"algorithmHyperParameters": {"layers": "3"}}}, ("algorithmHyperParameters", "layers")),
        ({"solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "many"}}}, ("hidden_dimension", "many")),
        ({"solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "100000"}}}, ("hidden_dimension",)),
        ({"solutionConfig": {"eventValueThreshold": "0.5"}}, ("eventValueThreshold", "eventType")),
        ({"solutionConfig": {"eventValueThreshold": "high"}, "eventType": "buy"}, ("eventValueThreshold", "high")),
        (_hpo(bptt=(2, 64)), ("hpoConfig", "bptt")),
        (_hpo(bptt=(16, 8)), ("hpoConfig", "bptt", "order")),
        (_hpo(layers=(1, 2)), ("hpoConfig", "layers")),
        (_hpo("41"), ("hpoConfig", "maxNumberOfTrainingJobs")),
        (_every("rate(31 days)"), ("schedulingExpression",)),
        ({"solutionConfig": {"optimizationObjective": {"itemAttribute": "PRICE"}}}, ("optimizationObjective",)),
        ({"performAutoML": True}, ("performAutoML", "recipeArn")),
        ({"recipeArn": f"{RECIPE}aws-ecomm-recommended-for-you"}, ("recipeArn", "recommender")),
    ],
)
def test_solution_that_cannot_be_trained_is_refused(
    personalize: Any, plain: Group, more: dict[str, Any], words: tuple[str, ...]
) -> None:
    given = {"name": unique("solution"), "datasetGroupArn": plain.arn, "recipeArn": f"{RECIPE}aws-hrnn", **more}

    with refused("InvalidInputException", *words):
        personalize.create_solution(**given)


_HISTORY = {"min_user_history_length_percentile": "0.05", "max_user_history_length_percentile": "0.95"}


@pytest.mark.parametrize(
    ("recipe", "parameters", "features"),
    [
        ("aws-user-personalization", {"hidden_dimension": "149", "bptt": "32", "recency_mask": "true"}, _HISTORY),
        ("aws-user-personalization-v2", {"apply_recency_bias": "true"}, {}),
        ("aws-personalized-ranking", {"hidden_dimension": "55", "recency_mask": "false"}, _HISTORY),
        ("aws-personalized-ranking-v2", {"apply_recency_bias": "false"}, {}),
        (
            "aws-sims",
            {"popularity_discount_factor": "0.7", "min_cointeraction_count": "3"},
            {**_HISTORY, "min_item_interaction_count_percentile": "0.01"},
        ),
        ("aws-similar-items", {"item_id_hidden_dim": "100", "item_metadata_hidden_dim": "100"}, {}),
        ("aws-hrnn-coldstart", {"bptt": "16"}, {"cold_start_max_duration": "5.0", **_HISTORY}),
        ("aws-trending-now", {}, {"trend_discovery_frequency": "1 hour"}),
    ],
)
def test_solution_takes_the_hyperparameters_that_amazon_documents(
    personalize: Any, plain: Group, recipe: str, parameters: dict[str, str], features: dict[str, str]
) -> None:
    config = {"algorithmHyperParameters": parameters, "featureTransformationParameters": features}

    arn = plain.solution(recipe, solutionConfig=config)

    described = personalize.describe_solution(solutionArn=arn)["solution"]
    assert (described["recipeArn"], described["solutionConfig"]) == (f"{RECIPE}{recipe}", config)
    personalize.delete_solution(solutionArn=arn)
    for wrong in ({"bptt": "33"}, {"popularity_discount_factor": "2"}, {"trend_discovery_frequency": "1 week"}):
        with refused("InvalidInputException", next(iter(wrong))):
            plain.solution(recipe, solutionConfig={"algorithmHyperParameters": wrong})


def test_solution_of_an_unknown_recipe_or_a_taken_name_is_refused(personalize: Any, plain: Group) -> None:
    arn = plain.solution("aws-popularity-count")
    name = personalize.describe_solution(solutionArn=arn)["solution"]["name"]

    with refused("ResourceNotFoundException", "aws-nothing"):
        personalize.create_solution(
            name=unique("solution"), datasetGroupArn=plain.arn, recipeArn=f"{RECIPE}aws-nothing"
        )
    with refused("ResourceAlreadyExistsException", arn):
        personalize.create_solution(name=name, datasetGroupArn=plain.arn, recipeArn=f"{RECIPE}aws-popularity-count")

    personalize.delete_solution(solutionArn=arn)


def test_solutions_of_a_group_have_a_limit_and_pages(personalize: Any, plain: Group) -> None:
    recipe = f"{RECIPE}aws-popularity-count"
    before = len(personalize.list_solutions(datasetGroupArn=plain.arn)["solutions"])
    made = [
        personalize.create_solution(name=unique("solution"), datasetGroupArn=plain.arn, recipeArn=recipe)["solutionArn"]
        for _ in range(MAX_SOLUTIONS_IN_GROUP - before)
    ]

    with refused("LimitExceededException", str(MAX_SOLUTIONS_IN_GROUP)):
        personalize.create_solution(name=unique("solution"), datasetGroupArn=plain.arn, recipeArn=recipe)

    pages = personalize.get_paginator("list_solutions").paginate(
        datasetGroupArn=plain.arn, PaginationConfig={"PageSize": 3}
    )
    listed = [[each["solutionArn"] for each in page["solutions"]] for page in pages]
    assert [len(page) for page in listed] == [3, 3, 3, 1]
    assert set(made) <= {arn for page in listed for arn in page}
    for arn in made:
        personalize.delete_solution(solutionArn=arn)


def test_solution_that_a_campaign_serves_stays(personalize: Any, trained: Trained) -> None:
    with refused("ResourceInUseException", trained.solution, "campaign"):
        personalize.delete_solution(solutionArn=trained.solution)

    described = personalize.describe_solution(solutionArn=trained.solution)["solution"]
    assert described["latestSolutionVersion"]["solutionVersionArn"].startswith(trained.solution)


def test_solution_is_updated_with_other_weights(personalize: Any, plain: Group) -> None:
    arn = plain.solution("aws-popularity-count")
    weights = {"eventParametersList": [{"eventType": "buy", "weight": 0.5}]}

    updated = personalize.update_solution(solutionArn=arn, solutionUpdateConfig={"eventsConfig": weights})

    described = personalize.describe_solution(solutionArn=arn)["solution"]
    assert updated["solutionArn"] == arn
    assert described["solutionConfig"]["eventsConfig"] == weights
    with refused("InvalidInputException", "schedulingExpression"):
        every = {"autoTrainingConfig": {"schedulingExpression": "rate(0 days)"}}
        personalize.update_solution(solutionArn=arn, performAutoTraining=True, solutionUpdateConfig=every)
    personalize.delete_solution(solutionArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.update_solution(solutionArn=arn, performAutoTraining=False)
