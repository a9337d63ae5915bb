"""The server's worker: one step at a time, every resource that is on its way comes nearer to ACTIVE or failed."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from recommendations import conf
from recommendations.adapters.embedded.imports import run_import
from recommendations.exceptions import InvalidInput
from recommendations.models.filters import Filter
from recommendations.models.resources import (
    BackendResource,
    Campaign,
    Dataset,
    DatasetGroup,
    DatasetImportJob,
    EventTracker,
    Solution,
    SolutionVersion,
    Status,
)
from recommendations.server.auto_training import train_automatically
from recommendations.server.exploration import exploration_of
from recommendations.server.fetching import fetch
from recommendations.server.recommending import advance_recommenders, turn_recommenders, update_recommenders
from recommendations.server.rows import PENDING, rows_of

logger = logging.getLogger(__name__)

# What nothing has to be done for: it is pending for a step, in progress for the next, and then ACTIVE.
LIGHT: tuple[type[BackendResource], ...] = (DatasetGroup, Dataset, Solution, EventTracker, Filter, Campaign)


def advance() -> int:
    """Take every resource one step further; safe to repeat, and to break off anywhere.

    Returns:
        How many moved; 0 where nothing is on its way but trainings, which have a trainer of their own.
    """
    steps: tuple[Callable[[], int], ...] = (
        _advance_light,
        _update_campaigns,
        train_automatically,
        _follow_latest,
        advance_recommenders,
        turn_recommenders,
        update_recommenders,
        _run_imports,
    )
    return sum(step() for step in steps)


def _advance_light() -> int:
    n_moved = 0
    now = conf.now()
    for model in LIGHT:
        rows = rows_of(model)
        n_moved += rows.filter(status=Status.IN_PROGRESS).update(status=Status.ACTIVE, updated_at=now)
        n_moved += rows.filter(status=Status.PENDING).update(status=Status.IN_PROGRESS, updated_at=now)
    return n_moved


def _update_campaigns() -> int:
    """The version that served until now goes on serving while the update is under way."""
    n_moved = 0
    for pk in Campaign.objects.filter(update__isnull=False).values_list("pk", flat=True):
        with transaction.atomic():
            row = Campaign.objects.select_for_update(of=("self",)).get(pk=pk)
            update = row.update or {}
            if update.get("status") not in PENDING:
                continue
            now = conf.now()
            update["lastUpdatedDateTime"] = now.isoformat()
            if update["status"] == Status.PENDING:
                update["status"] = Status.IN_PROGRESS.value
            else:
                _apply(row, update)
                row.updated_at = now
            row.update = update
            row.save()
            n_moved += 1
    return n_moved


def _apply(row: Campaign, update: dict[str, object]) -> None:
    version = SolutionVersion.objects.filter(arn=update["solutionVersionArn"], status=Status.ACTIVE).first()
    if version is None:
        update["status"] = Status.FAILED.value
        update["failureReason"] = "Update failed. The solution version is not there any more."
        return
    update["status"] = Status.ACTIVE.value
    row.solution_version = version
    row.min_tps = int(str(update["minProvisionedTPS"]))
    row.follows_latest = bool(update["followsLatest"])
    config = update["campaignConfig"]
    row.config = config if isinstance(config, dict) else {}
    row.exploration_weight, row.exploration_age_cut_off_days = exploration_of(row.config)


def _follow_latest() -> int:
    """Campaigns that asked for it serve the newest ACTIVE version of their solution."""
    n_moved = 0
    following = Campaign.objects.filter(follows_latest=True, status=Status.ACTIVE)
    for row in following.select_related("solution_version"):
        if (row.update or {}).get("status") in PENDING:
            continue
        solution = row.solution_version.solution_id
        active = SolutionVersion.objects.filter(solution=solution, status=Status.ACTIVE)
        newest = active.order_by("-created_at", "-pk").first()
        if newest is not None and newest.pk != row.solution_version_id:
            unchanged = Campaign.objects.filter(pk=row.pk, solution_version=row.solution_version_id)
            n_moved += unchanged.update(solution_version=newest, updated_at=conf.now())
    return n_moved


def _run_imports() -> int:
    """Run what waits, oldest first; one that a dead worker left in progress begins again."""
    n_moved = 0
    waiting = DatasetImportJob.objects.filter(status__in=PENDING).select_related("dataset__dataset_group")
    for job in waiting.order_by("created_at", "pk"):
        run_fetched(job)
        n_moved += 1
    return n_moved


def run_fetched(job: DatasetImportJob) -> None:
    """Fetch the data of an import and run it; the job says how it ended."""
    target = conf.artifacts_dir() / job.dataset.dataset_group.name / "fetched" / f"{job.pk}.csv"
    try:
        fetch(job.location, target)
        run_import(job, target)
    except InvalidInput as error:
        _fail(job, str(error))
    except Exception as error:
        logger.exception("An import failed.", extra={"dataset_import_job": job.arn})
        _fail(job, f"Internal error: {error!r}")
    finally:
        _remove(target)


def _fail(job: DatasetImportJob, reason: str) -> None:
    DatasetImportJob.objects.filter(pk=job.pk).update(
        status=Status.FAILED, failure_reason=f"Create failed. {reason}", updated_at=conf.now()
    )


def _remove(target: Path) -> None:
    target.unlink(missing_ok=True)
