"""Solutions: a recipe and its settings, checked when they are made."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from recommendations import conf
from recommendations.adapters.embedded.arns import make_arn
from recommendations.adapters.embedded.tuning import Tuning
from recommendations.engine.exceptions import EngineError
from recommendations.models.resources import Campaign, Solution
from recommendations.server.auto_training import days_between
from recommendations.server.described import RECIPE, described_settings, recipe_arn
from recommendations.server.hyperparameters import read_hyperparameters, read_tuning
from recommendations.server.limits import MAX_SOLUTIONS_IN_GROUP, require_room
from recommendations.server.operations.versions import describe_latest
from recommendations.server.paging import page
from recommendations.server.recipes import DEFAULT_RECIPE, PREFIX, custom_name_of, trained_as
from recommendations.server.rows import PENDING, create, find, find_group, in_use, require_active, state
from recommendations.server.training_data import check_training_data
from recommendations.server.wire.faults import invalid, not_found
from recommendations.server.wire.reading import Parameters

# What a request may set and a description repeats as it was given.
REPEATED = ("performHPO", "performAutoML", "performAutoTraining", "performIncrementalUpdate", "solutionConfig")


def create_solution(parameters: Parameters) -> dict[str, Any]:
    """Make a solution; its versions are trained one by one."""
    group = find_group(parameters["datasetGroupArn"])
    _check_config(parameters.get("solutionConfig", {}))
    if parameters.get("performAutoML") and parameters.get("recipeArn"):
        raise invalid("performAutoML, recipeArn: give one of them.")
    recipe = custom_name_of(parameters.get("recipeArn") or f"{PREFIX}{DEFAULT_RECIPE}")
    hyperparameters, tuning = _read_hyperparameters(recipe, parameters)
    check_training_data(group, parameters.get("solutionConfig", {}), "solutionConfig")
    weights, thresholds = _read_events(parameters)
    made = group.solutions.filter(recommender=None)
    require_room(made.count, MAX_SOLUTIONS_IN_GROUP, "solutions in a dataset group")
    name = parameters["name"]
    row = create(
        Solution,
        arn=make_arn("solution", name),
        tags=parameters.get("tags", ()),
        name=name,
        dataset_group=group,
        recipe=trained_as(recipe).name,
        hyperparameters=hyperparameters,
        event_weights=weights,
        event_type=parameters.get("eventType", ""),
        value_thresholds=thresholds,
        settings={
            RECIPE: recipe,
            **{member: parameters[member] for member in REPEATED if member in parameters},
            **({"tuning": tuning.to_json()} if tuning is not None else {}),
        },
    )
    return {"solutionArn": row.arn}


def describe_solution(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a solution, and of its newest version."""
    row = find(Solution, parameters["solutionArn"], "dataset_group")
    return {
        "solution": {
            **_summary(row),
            **described_settings(row),
            "performAutoTraining": row.settings.get("performAutoTraining", False),
            "autoMLResult": {"bestRecipeArn": recipe_arn(row)} if row.settings.get("performAutoML") else None,
            "datasetGroupArn": row.dataset_group.arn,
            "latestSolutionVersion": describe_latest(row),
        }
    }


def update_solution(parameters: Parameters) -> dict[str, Any]:
    """Change what the next versions are trained with; versions that are there stay as they are."""
    config = parameters.get("solutionUpdateConfig", {})
    _check_config(config)
    with transaction.atomic():
        row = find_locked(parameters["solutionArn"])
        if row.versions.filter(status__in=PENDING).exists():
            raise in_use(f"{row.arn} has a version that is being trained; stop it or wait.")
        if "eventsConfig" in config:
            given = {"solutionConfig": config, "eventType": row.event_type}
            row.event_weights, row.value_thresholds = _read_events(given)
            kept = {**row.settings.get("solutionConfig", {}), "eventsConfig": config["eventsConfig"]}
            row.settings = {**row.settings, "solutionConfig": kept}
        if "autoTrainingConfig" in config:
            kept = {**row.settings.get("solutionConfig", {}), "autoTrainingConfig": config["autoTrainingConfig"]}
            row.settings = {**row.settings, "solutionConfig": kept}
        changed = ("performIncrementalUpdate", "performAutoTraining")
        row.settings = {**row.settings, **{name: parameters[name] for name in changed if name in parameters}}
        row.updated_at = conf.now()
        row.save()
    return {"solutionArn": row.arn}


def find_locked(arn: str) -> Solution:
    """Return an ACTIVE solution's row, locked until the transaction ends.

    Raises:
        ApiFault: ResourceNotFoundException, ResourceInUseException.
    """
    row = Solution.objects.select_for_update(of=("self",)).filter(arn=arn, recommender=None).first()
    if row is None:
        raise not_found(arn)
    return require_active(row)


def list_solutions(parameters: Parameters) -> dict[str, Any]:
    """List solutions, of one group where it is named."""
    rows = Solution.objects.filter(recommender=None)
    if parameters.get("datasetGroupArn"):
        rows = rows.filter(dataset_group__arn=parameters["datasetGroupArn"])
    return page("ListSolutions", "solutions", rows, parameters, _summary)


def delete_solution(parameters: Parameters) -> dict[str, Any]:
    """Delete a solution and its versions, unless a campaign serves one or one is being trained."""
    row = find(Solution, parameters["solutionArn"])
    if Campaign.objects.filter(solution_version__solution=row).exists():
        raise in_use(f"{row.arn} has a campaign; delete it first.")
    if row.versions.filter(status__in=PENDING).exists():
        raise in_use(f"{row.arn} has a version that is being trained; stop it or wait.")
    row.delete()
    return {}


def _summary(row: Solution) -> dict[str, Any]:
    return {"name": row.name, "solutionArn": row.arn, "recipeArn": recipe_arn(row), **state(row)}


def _check_config(config: Mapping[str, Any]) -> None:
    """Refuse what is not offered, and a schedule that is none."""
    if config.get("optimizationObjective", {}).get("itemAttribute"):
        raise invalid("solutionConfig.optimizationObjective: objectives are not offered; leave it out.")
    days_between(config.get("autoTrainingConfig", {}))


def _read_hyperparameters(recipe: str, parameters: Parameters) -> tuple[dict[str, object], Tuning | None]:
    """Return what is trained with, and what an optimisation compares; None where none is asked for."""
    config = parameters.get("solutionConfig", {})
    try:
        hyperparameters = read_hyperparameters(recipe, config)
    except EngineError as error:
        raise invalid(f"solutionConfig.algorithmHyperParameters: {error}") from error
    if not parameters.get("performHPO"):
        return hyperparameters, None
    try:
        return hyperparameters, read_tuning(recipe, config.get("hpoConfig", {}))
    except EngineError as error:
        raise invalid(f"solutionConfig.hpoConfig: {error}") from error


def _read_events(parameters: Parameters) -> tuple[dict[str, float], dict[str, float]]:
    """Return the weight of each event type, and the least value that its events must have."""
    config = parameters.get("solutionConfig", {})
    given = config.get("eventsConfig", {}).get("eventParametersList", ())
    event_type = parameters.get("eventType", "")
    if given and (event_type or "eventValueThreshold" in config):
        raise invalid("solutionConfig.eventsConfig, eventType: give one of them.")
    weights = {one["eventType"]: float(one.get("weight", 1.0)) for one in given if "eventType" in one}
    thresholds = {
        one["eventType"]: float(one["eventValueThreshold"])
        for one in given
        if "eventType" in one and "eventValueThreshold" in one
    }
    if len(weights) != len(given):
        raise invalid("solutionConfig.eventsConfig.eventParametersList: give each event type once.")
    if "eventValueThreshold" in config:
        if not event_type:
            raise invalid("solutionConfig.eventValueThreshold: give an eventType with it.")
        thresholds[event_type] = _number("solutionConfig.eventValueThreshold", config["eventValueThreshold"])
    return weights, thresholds


def _number(field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise invalid(f"{field} == {text!r}: give a number.") from error
