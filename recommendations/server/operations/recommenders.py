"""Recommenders of a domain: a solution, its version and a campaign, made and served as one."""

from datetime import datetime
from typing import Any

from django.db import transaction

from recommendations import conf
from recommendations.adapters.embedded.arns import make_arn
from recommendations.models.filters import Filter
from recommendations.models.resources import Recommender, Status
from recommendations.server.exploration import check_exploration
from recommendations.server.limits import MAX_RECOMMENDERS, check_tps, require_room
from recommendations.server.paging import page
from recommendations.server.recipes import PREFIX, find_domain_recipe
from recommendations.server.recommending import INACTIVE, START_PENDING, STOP_PENDING, TURNING, hidden_filter_arn
from recommendations.server.rows import PENDING, create, failure, find, find_group, in_use, state
from recommendations.server.training_data import check_training_data
from recommendations.server.wire.faults import invalid, not_found
from recommendations.server.wire.reading import Parameters

MIN_TPS = "minRecommendationRequestsPerSecond"


def create_recommender(parameters: Parameters) -> dict[str, Any]:
    """Make a recommender; the worker trains it and lets it serve."""
    group = find_group(parameters["datasetGroupArn"])
    if not group.domain:
        raise invalid(f"datasetGroupArn == {group.arn!r}: it has no domain; create a solution and a campaign instead.")
    recipe = find_domain_recipe(parameters["recipeArn"], group.domain)
    config = _read_config(parameters)
    check_training_data(group, config, "recommenderConfig")
    require_room(Recommender.objects.count, MAX_RECOMMENDERS, "recommenders")
    name = parameters["name"]
    row = create(
        Recommender,
        arn=make_arn("recommender", name),
        tags=parameters.get("tags", ()),
        name=name,
        dataset_group=group,
        recipe=recipe.name,
        config=config,
    )
    return {"recommenderArn": row.arn}


def update_recommender(parameters: Parameters) -> dict[str, Any]:
    """Ask for another configuration."""
    config = _read_config(parameters)
    with transaction.atomic():
        row = Recommender.objects.select_for_update().filter(arn=parameters["recommenderArn"]).first()
        if row is None:
            raise not_found(parameters["recommenderArn"])
        if row.status != Status.ACTIVE or (row.update or {}).get("status") in PENDING:
            raise in_use(f"{row.arn} is being made or updated; wait until it is ACTIVE.")
        now = conf.now().isoformat()
        row.update = {
            "recommenderConfig": config,
            "status": Status.PENDING.value,
            "creationDateTime": now,
            "lastUpdatedDateTime": now,
        }
        row.save(update_fields=["update"])
    return {"recommenderArn": row.arn}


def stop_recommender(parameters: Parameters) -> dict[str, Any]:
    """Have a recommender answer no more, until it is started again."""
    return _turn(parameters["recommenderArn"], Status.ACTIVE, STOP_PENDING)


def start_recommender(parameters: Parameters) -> dict[str, Any]:
    """Have a recommender that was stopped answer again."""
    return _turn(parameters["recommenderArn"], INACTIVE, START_PENDING)


def _turn(arn: str, was: str, becomes: str) -> dict[str, Any]:
    row = find(Recommender, arn)
    turned = Recommender.objects.filter(pk=row.pk, status=was).update(status=becomes, updated_at=conf.now())
    if not turned:
        raise in_use(f"{arn} is {row.status}; wait until it is {was}.")
    return {"recommenderArn": arn}


def describe_recommender(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a recommender, its model's figures among it."""
    row = find(Recommender, parameters["recommenderArn"], "dataset_group")
    more = {**failure(row), "latestRecommenderUpdate": _describe_update(row), "modelMetrics": _metrics(row)}
    return {"recommender": {**_summary(row), **more}}


def list_recommenders(parameters: Parameters) -> dict[str, Any]:
    """List recommenders, of one group where it is named."""
    rows = Recommender.objects.select_related("dataset_group")
    if parameters.get("datasetGroupArn"):
        rows = rows.filter(dataset_group__arn=parameters["datasetGroupArn"])
    return page("ListRecommenders", "recommenders", rows, parameters, _summary)


def delete_recommender(parameters: Parameters) -> dict[str, Any]:
    """Delete a recommender with what it was made of."""
    row = find(Recommender, parameters["recommenderArn"])
    if row.status in {*PENDING, *TURNING}:
        raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
    with transaction.atomic():
        Filter.objects.filter(arn=hidden_filter_arn(row)).delete()
        for solution in row.solutions.all():
            for version in solution.versions.all():
                version.campaigns.all().delete()
        row.delete()
    return {}


def _read_config(parameters: Parameters) -> dict[str, Any]:
    config = dict(parameters.get("recommenderConfig", {}))
    check_exploration(config.get("itemExplorationConfig", {}), "recommenderConfig.itemExplorationConfig")
    check_tps(f"recommenderConfig.{MIN_TPS}", config.get(MIN_TPS, 1))
    return config


def _describe_update(row: Recommender) -> dict[str, Any] | None:
    if not row.update:
        return None
    times = {name: datetime.fromisoformat(row.update[name]) for name in ("creationDateTime", "lastUpdatedDateTime")}
    return {**row.update, **times}


def _metrics(row: Recommender) -> dict[str, float] | None:
    solution = row.solutions.first()
    version = solution.versions.order_by("-pk").first() if solution is not None else None
    if version is None or version.status != Status.ACTIVE:
        return None
    return {name: float(value) for name, value in version.metrics.items() if isinstance(value, int | float)}


def _summary(row: Recommender) -> dict[str, Any]:
    return {
        "name": row.name,
        "recommenderArn": row.arn,
        "datasetGroupArn": row.dataset_group.arn,
        "recipeArn": f"{PREFIX}{row.recipe}",
        "recommenderConfig": row.config or None,
        **state(row),
    }
