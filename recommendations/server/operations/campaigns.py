"""Campaigns: what serves a solution version; an update leaves the old one serving until the new one is ACTIVE."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from recommendations import conf
from recommendations.adapters.embedded.arns import make_arn
from recommendations.models.resources import Campaign, Solution, SolutionVersion, Status
from recommendations.server.exploration import check_exploration, exploration_of
from recommendations.server.limits import MAX_CAMPAIGNS_IN_GROUP, check_tps, require_room
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, failure, find, in_use, require_active, state
from recommendations.server.wire.faults import invalid, not_found
from recommendations.server.wire.reading import Parameters

LATEST = "/$LATEST"


def create_campaign(parameters: Parameters) -> dict[str, Any]:
    """Make a campaign of a version that is ACTIVE, or of a solution's newest one by `.../$LATEST`."""
    tps = check_tps("minProvisionedTPS", parameters.get("minProvisionedTPS", 1))
    version = _find_version(parameters["solutionVersionArn"])
    config = _read_config(parameters)
    group = version.solution.dataset_group_id
    weight, age_cut_off = exploration_of(config)
    in_group = visible_campaigns().filter(solution_version__solution__dataset_group=group)
    require_room(in_group.count, MAX_CAMPAIGNS_IN_GROUP, "campaigns in a dataset group")
    name = parameters["name"]
    row = create(
        Campaign,
        arn=make_arn("campaign", name),
        tags=parameters.get("tags", ()),
        name=name,
        solution_version=version,
        min_tps=tps,
        config=config,
        exploration_weight=weight,
        exploration_age_cut_off_days=age_cut_off,
        follows_latest=_follows_latest(parameters["solutionVersionArn"], config),
    )
    return {"campaignArn": row.arn}


def update_campaign(parameters: Parameters) -> dict[str, Any]:
    """Ask for another version, throughput or configuration; what is not given stays."""
    config = _read_config(parameters) if "campaignConfig" in parameters else None
    asked = parameters.get("minProvisionedTPS")
    tps = None if asked is None else check_tps("minProvisionedTPS", asked)
    arn = parameters.get("solutionVersionArn")
    version = _find_version(arn) if arn else None
    with transaction.atomic():
        row = find_locked(parameters["campaignArn"])
        if row.status != Status.ACTIVE:
            raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
        if (row.update or {}).get("status") in PENDING:
            raise in_use(f"{row.arn} is being updated; wait until the update is ACTIVE.")
        if version is not None and version.solution_id != row.solution_version.solution_id:
            raise invalid(f"solutionVersionArn == {arn!r}: it is of another solution than the campaign's.")
        wanted = version or row.solution_version
        now = conf.now().isoformat()
        kept = config if config is not None else row.config
        row.update = {
            "solutionVersionArn": wanted.arn,
            "minProvisionedTPS": row.min_tps if tps is None else tps,
            "campaignConfig": kept,
            "followsLatest": _follows_latest(arn, kept) if arn else row.follows_latest,
            "status": Status.PENDING.value,
            "creationDateTime": now,
            "lastUpdatedDateTime": now,
        }
        row.save(update_fields=["update"])
    return {"campaignArn": row.arn}


def describe_campaign(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a campaign, and of its newest update."""
    row = find(Campaign, parameters["campaignArn"], "solution_version")
    more = {
        "solutionVersionArn": row.solution_version.arn,
        "minProvisionedTPS": row.min_tps,
        "campaignConfig": row.config or None,
        "latestCampaignUpdate": _describe_update(row),
    }
    return {"campaign": {**_summary(row), **more}}


def list_campaigns(parameters: Parameters) -> dict[str, Any]:
    """List campaigns, of one solution where it is named."""
    rows = visible_campaigns()
    if parameters.get("solutionArn"):
        rows = rows.filter(solution_version__solution=find(Solution, parameters["solutionArn"]))
    return page("ListCampaigns", "campaigns", rows, parameters, _summary)


def delete_campaign(parameters: Parameters) -> dict[str, Any]:
    """Delete a campaign; it serves no more within seconds."""
    row = find(Campaign, parameters["campaignArn"])
    if row.status in PENDING or (row.update or {}).get("status") in PENDING:
        raise in_use(f"{row.arn} is being made or updated; wait until it is ACTIVE.")
    row.delete()
    return {}


def visible_campaigns() -> QuerySet[Campaign]:
    """Return the campaigns that somebody made, without those of recommenders."""
    return Campaign.objects.filter(solution_version__solution__recommender=None)


def find_locked(arn: str) -> Campaign:
    """Return a campaign's row, locked until the transaction ends.

    Raises:
        ApiFault: ResourceNotFoundException.
    """
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("solution_version")
    row = rows.filter(arn=arn).first()
    if row is None:
        raise not_found(arn)
    return row


def _find_version(arn: str) -> SolutionVersion:
    related = ("solution", "solution__dataset_group")
    if not arn.endswith(LATEST):
        return require_active(find(SolutionVersion, arn, *related))
    solution = find(Solution, arn.removesuffix(LATEST))
    active = solution.versions.select_related(*related).filter(status=Status.ACTIVE)
    newest = active.order_by("-created_at", "-pk").first()
    if newest is None:
        raise invalid(f"solutionVersionArn == {arn!r}: the solution has no ACTIVE version yet.")
    return newest


def _follows_latest(arn: str, config: dict[str, Any]) -> bool:
    return arn.endswith(LATEST) and bool(config.get("syncWithLatestSolutionVersion"))


def _read_config(parameters: Parameters) -> dict[str, Any]:
    config = dict(parameters.get("campaignConfig", {}))
    check_exploration(config.get("itemExplorationConfig", {}), "campaignConfig.itemExplorationConfig")
    if config.get("rankingInfluence"):
        raise invalid("campaignConfig.rankingInfluence: it is not offered; leave it out.")
    return config


def _describe_update(row: Campaign) -> dict[str, Any] | None:
    if not row.update:
        return None
    told = {name: value for name, value in row.update.items() if name != "followsLatest"}
    for name in ("creationDateTime", "lastUpdatedDateTime"):
        told[name] = datetime.fromisoformat(told[name])
    return {**told, "campaignConfig": told["campaignConfig"] or None}


def _summary(row: Campaign) -> dict[str, Any]:
    return {"name": row.name, "campaignArn": row.arn, **state(row), **failure(row)}
