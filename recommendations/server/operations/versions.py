"""Solution versions: trained one after another by the server's trainer, measured on users that were held out."""

import uuid
from typing import Any

from django.db.models import F

from recommendations import conf
from recommendations.adapters.embedded.tuning import Tuning
from recommendations.models.resources import Solution, SolutionVersion, Status
from recommendations.server.auto_training import AUTOTRAIN
from recommendations.server.described import RECIPE, described_settings
from recommendations.server.hyperparameters import default_text, parameters_of
from recommendations.server.limits import MAX_PENDING_VERSIONS, require_room_for_pending
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, failure, find, in_use, require_active, state
from recommendations.server.wire.faults import ApiFault, invalid
from recommendations.server.wire.reading import Parameters

S_PER_HOUR = 3600


def create_solution_version(parameters: Parameters) -> dict[str, Any]:
    """Ask for a training."""
    solution = require_active(find(Solution, parameters["solutionArn"]))
    mode = parameters.get("trainingMode", "FULL")
    earlier = solution.versions.filter(status=Status.ACTIVE).order_by("-created_at", "-pk").first()
    if mode == AUTOTRAIN:
        raise invalid("trainingMode == 'AUTOTRAIN': Amazon's own trainings have it; give FULL or UPDATE.")
    if mode == "UPDATE" and earlier is None:
        raise invalid("trainingMode == 'UPDATE': the solution has no ACTIVE version to update; give FULL.")
    pending = SolutionVersion.objects.filter(status__in=PENDING)
    require_room_for_pending(pending.count, MAX_PENDING_VERSIONS)
    name = parameters.get("name", "")
    if name and solution.versions.filter(name=name).exists():
        raise ApiFault("ResourceAlreadyExistsException", f"{solution.arn} has a version {name!r} already.")
    row = create(
        SolutionVersion,
        arn=f"{solution.arn}/{name or uuid.uuid4().hex[:8]}",
        tags=parameters.get("tags", ()),
        solution=solution,
        name=name,
        training_mode=mode,
        wants_metrics=True,
        warm_start_from=earlier.arn if mode == "UPDATE" and earlier is not None else "",
    )
    return {"solutionVersionArn": row.arn}


def describe_solution_version(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a version."""
    row = find(SolutionVersion, parameters["solutionVersionArn"], "solution", "solution__dataset_group")
    hours = row.training.get("cpu_s", 0.0) / S_PER_HOUR
    return {
        "solutionVersion": {
            **_summary(row),
            **described_settings(row.solution),
            "name": row.name or None,
            "solutionArn": row.solution.arn,
            "datasetGroupArn": row.solution.dataset_group.arn,
            "tunedHPOParams": _tuned(row),
            "trainingHours": hours if row.status == Status.ACTIVE else None,
        }
    }


def list_solution_versions(parameters: Parameters) -> dict[str, Any]:
    """List versions, of one solution where it is named."""
    rows = SolutionVersion.objects.filter(solution__recommender=None)
    if parameters.get("solutionArn"):
        rows = rows.filter(solution=find(Solution, parameters["solutionArn"]))
    return page("ListSolutionVersions", "solutionVersions", rows, parameters, _summary)


def stop_solution_version_creation(parameters: Parameters) -> dict[str, Any]:
    """Stop a training; its trainer finds the row in other hands within a second or so."""
    row = find(SolutionVersion, parameters["solutionVersionArn"])
    stopped = SolutionVersion.objects.filter(pk=row.pk, status__in=PENDING).update(
        status=Status.STOPPED,
        failure_reason="Create stopped.",
        holder="",
        lease_expires_at=None,
        fencing_token=F("fencing_token") + 1,
        updated_at=conf.now(),
    )
    if not stopped:
        raise invalid(f"{row.arn} is {row.status}; only a training under way can be stopped.")
    return {}


def get_solution_metrics(parameters: Parameters) -> dict[str, Any]:
    """Tell how the recipe did on users that it was not trained on."""
    row = find(SolutionVersion, parameters["solutionVersionArn"])
    if row.status != Status.ACTIVE:
        raise in_use(f"{row.arn} is {row.status}; metrics are there once it is ACTIVE.")
    figures = {name: float(value) for name, value in row.metrics.items() if isinstance(value, int | float)}
    return {"solutionVersionArn": row.arn, "metrics": figures}


def describe_latest(solution: Solution) -> dict[str, Any] | None:
    """Return the summary of a solution's newest version, None where there is none."""
    row = solution.versions.order_by("-created_at", "-pk").first()
    return None if row is None else _summary(row)


def _tuned(row: SolutionVersion) -> dict[str, Any] | None:
    """What an optimisation chose, by the names of the request."""
    asked = Tuning.of(row.solution)
    if asked is None or row.status != Status.ACTIVE:
        return None
    recipe = row.solution.settings[RECIPE]
    defaults = {each.name: default_text(each) for each in parameters_of(recipe)}
    chosen = {**defaults, **row.solution.hyperparameters, **row.training.get("tuned", {})}
    return {"algorithmHyperParameters": {each.told: str(chosen[each.name]) for each in asked.ranges}}


def _summary(row: SolutionVersion) -> dict[str, Any]:
    return {
        "solutionVersionArn": row.arn,
        "trainingMode": row.training_mode,
        "trainingType": "AUTOMATIC" if row.training_mode == AUTOTRAIN else "MANUAL",
        **state(row),
        **failure(row),
    }
