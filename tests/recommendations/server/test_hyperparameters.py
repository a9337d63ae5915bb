import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.engine.recipes import build_recommender
from recommendations.server.hyperparameters import (
    AMAZONS_OWN,
    DEFAULT_MODELS,
    parameters_of,
    read_hyperparameters,
    read_tuning,
)
from recommendations.server.recipes import custom_names, trained_as


def test_hyperparameters_of_amazon_become_the_engines() -> None:
    sims = {"algorithmHyperParameters": {"popularity_discount_factor": "0.7", "min_cointeraction_count": "3"}}
    trending = {"featureTransformationParameters": {"trend_discovery_frequency": "30 minutes"}}
    hrnn = {
        "algorithmHyperParameters": {"hidden_dimension": "43"},
        "featureTransformationParameters": {"max_user_history_length_percentile": "0.9"},
    }

    assert read_hyperparameters("aws-sims", sims) == {"popularity_discount": 0.7}
    assert read_hyperparameters("aws-trending-now", trending) == {"bucket_hours": 0.5}
    assert read_hyperparameters("aws-hrnn", hrnn) == {
        "hidden_dimension": "43",
        "max_user_history_length_percentile": "0.9",
    }
    assert read_hyperparameters("aws-user-personalization", {"algorithmHyperParameters": {"bptt": "8"}}) == {}


@pytest.mark.parametrize("name", sorted(AMAZONS_OWN))
def test_hyperparameters_of_amazon_are_no_names_of_the_engines_and_can_be_trained_with(name: str) -> None:
    own = [each.parameter for each in AMAZONS_OWN[name]]
    engines = {each.name for each in trained_as(name).hyperparameters}

    assert not engines & {each.name for each in own}
    for parameter in own:
        given = {"algorithmHyperParameters": {parameter.name: _text(parameter)}}
        build_recommender(trained_as(name).name, read_hyperparameters(name, given))


def _text(parameter: Hyperparameter) -> str:
    if parameter.choices:
        return parameter.choices[-1]
    return str(parameter.high)


@pytest.mark.parametrize("name", custom_names())
def test_hyperparameters_that_a_recipe_does_not_have_are_refused_with_those_it_has(name: str) -> None:
    with pytest.raises(InvalidHyperparameter, match="layers") as refused:
        read_hyperparameters(name, {"algorithmHyperParameters": {"layers": "3"}})

    assert all(each.name in str(refused.value) for each in parameters_of(name))


def test_tuning_draws_what_a_recipe_has_by_amazons_names_where_no_range_is_named() -> None:
    sims, hrnn = read_tuning("aws-sims", {}), read_tuning("aws-hrnn", {})

    assert {(each.told, each.name) for each in sims.ranges} == {
        ("popularity_discount_factor", "popularity_discount"),
        ("window", "window"),
    }
    assert {each.told for each in hrnn.ranges} == {"hidden_dimension", "bptt", "recency_mask"}
    assert hrnn.n_models == DEFAULT_MODELS


def test_tuning_keeps_to_the_ranges_of_a_request_and_passes_over_what_no_part_has() -> None:
    asked = {
        "hpoResourceConfig": {"maxNumberOfTrainingJobs": "7", "maxParallelTrainingJobs": "2"},
        "algorithmHyperParameterRanges": {
            "integerHyperParameterRanges": [
                {"name": "hidden_dimension", "minValue": 32, "maxValue": 64},
                {"name": "window", "minValue": 3, "maxValue": 5},
            ],
            "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true"]}],
        },
    }

    tuning = read_tuning("aws-user-personalization", asked)

    assert tuning.n_models == 7
    assert [(each.name, each.low, each.high) for each in tuning.ranges] == [("window", 3, 5)]
    wrong = {"categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["maybe"]}]}
    with pytest.raises(InvalidHyperparameter, match="recency_mask"):
        read_tuning("aws-hrnn", {"algorithmHyperParameterRanges": wrong})
