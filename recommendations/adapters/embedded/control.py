"""The embedded backend's control plane: describe or create, over rows and files."""

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from recommendations import conf, ports
from recommendations.adapters.embedded.arns import check_name, make_arn
from recommendations.adapters.embedded.datasets import require_attributes
from recommendations.adapters.embedded.events import delete_tracker_state
from recommendations.adapters.embedded.exploring import exploration_settings
from recommendations.adapters.embedded.filters import ensure_filter
from recommendations.adapters.embedded.imports import run_import
from recommendations.adapters.embedded.lending import open_ranker
from recommendations.adapters.embedded.measured import headline
from recommendations.adapters.embedded.records import forget_news
from recommendations.datasets import check_file
from recommendations.engine.exceptions import EngineError
from recommendations.engine.recipes import get_recipe, parse_hyperparameters
from recommendations.exceptions import InvalidInput, ResourceNotFound, ResourceNotReady
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


class EmbeddedControlPlane:
    """Implements `ports.ControlPlane`. All but training and imports is ACTIVE as soon as it is asked for."""

    def ensure_dataset_group(self, name: str, *, tags: Mapping[str, str]) -> ports.Resource:
        """The dataset group of this name, with its datasets of interactions and items."""
        check_name("name", name)
        now = conf.now()
        with transaction.atomic():
            group, _ = DatasetGroup.objects.get_or_create(
                name=name,
                defaults={
                    "arn": make_arn("dataset-group", name),
                    "tags": dict(tags),
                    "created_at": now,
                    "updated_at": now,
                },
            )
            for kind in (ports.DatasetType.INTERACTIONS, ports.DatasetType.ITEMS):
                _ensure_dataset(group, kind)
        if group.status == Status.DELETING:
            raise ResourceNotReady(f"{group.arn} is being deleted; ask again once it is gone.")
        return _resource(group)

    def find_dataset_group(self, name: str) -> ports.Resource | None:
        """The dataset group of this name, or None."""
        group = DatasetGroup.objects.filter(name=name).first()
        # One that is half deleted is still there to be deleted: for the port it is what failed.
        return _resource(group) if group is not None else None

    def ensure_event_tracker(self, name: str, *, dataset_group_arn: str) -> ports.EventTracker:
        """The one event tracker of the group."""
        check_name("name", name)
        now = conf.now()
        tracker, _ = EventTracker.objects.get_or_create(
            dataset_group=_group(dataset_group_arn),
            defaults={
                "arn": make_arn("event-tracker", uuid.uuid4().hex[:8]),
                "name": name,
                "tracking_id": str(uuid.uuid4()),
                "created_at": now,
                "updated_at": now,
            },
        )
        if tracker.name != name:
            raise InvalidInput(f"name == {name!r}: the group has the event tracker {tracker.name!r} already.")
        return ports.EventTracker(tracker.arn, ports.ResourceStatus.ACTIVE, tracking_id=tracker.tracking_id)

    def ensure_import(
        self,
        job_name: str,
        *,
        dataset_group_arn: str,
        location: Path,
        dataset_type: ports.DatasetType = ports.DatasetType.INTERACTIONS,
    ) -> ports.ImportJob:
        """The bulk import of this name, run to its end where it was not."""
        check_name("job_name", job_name)
        dataset = _ensure_dataset(_group(dataset_group_arn), dataset_type)
        job = DatasetImportJob.objects.filter(dataset=dataset, job_name=job_name).first()
        if job is None:
            check_file(location, dataset_type)
            now = conf.now()
            job, _ = DatasetImportJob.objects.get_or_create(
                dataset=dataset,
                job_name=job_name,
                defaults={
                    "arn": make_arn("dataset-import-job", job_name),
                    "status": Status.PENDING,
                    "location": str(location),
                    "created_at": now,
                    "updated_at": now,
                },
            )
        if job.status in {Status.PENDING, Status.IN_PROGRESS}:
            run_import(job)
        return ports.ImportJob(job.arn, _port_status(job), job.failure_reason, n_rows=job.n_rows)

    def ensure_solution_version(
        self,
        name: str,
        *,
        dataset_group_arn: str,
        recipe: str,
        hyperparameters: Mapping[str, object],
        event_weights: Mapping[str, float],
        budget_s: float | None = None,
        warm_start_from: str = "",
    ) -> ports.SolutionVersion:
        """The version of the solution of this name; a trainer finds it pending."""
        solution = Solution.objects.filter(name=name).first()
        if solution is None:
            settings = {
                "recipe": recipe,
                "hyperparameters": dict(hyperparameters),
                "event_weights": dict(event_weights),
                "training_budget_s": budget_s,
            }
            solution = _create_solution(name, dataset_group_arn, settings, warm_start_from)
        elif (solution.recipe, solution.hyperparameters, solution.event_weights) != (
            recipe,
            dict(hyperparameters),
            dict(event_weights),
        ):
            raise InvalidInput(f"name == {name!r}: a solution of this name has other settings; choose another name.")
        return _trained(solution.versions.get())

    def find_solution_version(self, name: str) -> ports.SolutionVersion | None:
        """The version of the solution of this name, or None."""
        version = SolutionVersion.objects.filter(solution__name=name).first()
        return _trained(version) if version is not None else None

    def stop_training(self, name: str) -> bool:
        """Stop a pending or running training: its trainer finds the row in other hands within a second or so."""
        waiting = SolutionVersion.objects.filter(solution__name=name, status__in=[Status.PENDING, Status.IN_PROGRESS])
        stopped = waiting.update(
            status=Status.STOPPED,
            failure_reason="Create stopped.",
            holder="",
            lease_expires_at=None,
            fencing_token=F("fencing_token") + 1,
            updated_at=conf.now(),
        )
        return bool(stopped)

    def keep_metrics(self, solution_version_arn: str, figures: Mapping[str, object]) -> None:
        """Keep what was measured of a version in its row."""
        rows = SolutionVersion.objects.filter(arn=solution_version_arn)
        if not rows.update(metrics=dict(figures), updated_at=conf.now()):
            raise ResourceNotFound(f"solution_version_arn == {solution_version_arn!r}: there is no such version.")

    def open_ranker(self, solution_version_arn: str) -> ports.Ranker | None:
        """The version's model, read from its artifact."""
        return open_ranker(solution_version_arn)

    def ensure_campaign(
        self,
        name: str,
        *,
        solution_version_arn: str,
        exploration: ports.Exploration = ports.DEFAULT_EXPLORATION,
    ) -> ports.Resource:
        """The campaign that serves the solution version."""
        check_name("name", name)
        settings = exploration_settings(exploration)
        version = SolutionVersion.objects.filter(arn=solution_version_arn).first()
        if version is None:
            raise ResourceNotFound(f"solution_version_arn == {solution_version_arn!r}: there is no such version.")
        if version.status != Status.ACTIVE:
            raise ResourceNotReady(f"{solution_version_arn} is {version.status}; a campaign needs an ACTIVE one.")
        now = conf.now()
        campaign, _ = Campaign.objects.get_or_create(
            name=name,
            defaults={
                "arn": make_arn("campaign", name),
                "solution_version": version,
                **settings,
                "created_at": now,
                "updated_at": now,
            },
        )
        if campaign.solution_version_id != version.pk:
            raise InvalidInput(f"name == {name!r}: a campaign of this name serves another solution version.")
        if any(getattr(campaign, field) != value for field, value in settings.items()):
            raise InvalidInput(f"name == {name!r}: a campaign of this name explores otherwise; choose another name.")
        return _resource(campaign)

    def ensure_filter(self, name: str, *, dataset_group_arn: str, expression: str) -> ports.Resource:
        """The filter of this name."""
        return ensure_filter(_group(dataset_group_arn), name, expression)

    def delete_dataset_group(self, dataset_group_arn: str) -> bool:
        """Delete the group and all in it: live state first, then files, then rows, so that a repeat finishes it."""
        group = DatasetGroup.objects.filter(arn=dataset_group_arn).first()
        if group is None:
            return True
        DatasetGroup.objects.filter(pk=group.pk).update(status=Status.DELETING, updated_at=conf.now())
        delete_live_state(group)
        with transaction.atomic():
            Campaign.objects.filter(solution_version__solution__dataset_group=group).delete()
            group.delete()
        return True


def delete_live_state(group: DatasetGroup) -> None:
    """Delete what a group keeps outside the database: its tracker's live state, and its files."""
    tracker = EventTracker.objects.filter(dataset_group=group).first()
    if tracker is not None:
        delete_tracker_state(tracker.tracking_id)
    forget_news(group.pk)
    shutil.rmtree(conf.artifacts_dir() / group.name, ignore_errors=True)


def _create_solution(name: str, dataset_group_arn: str, settings: Mapping[str, Any], warm_start_from: str) -> Solution:
    check_name("name", name)
    try:
        recipe = get_recipe(settings["recipe"])
        parse_hyperparameters(recipe, settings["hyperparameters"])
    except EngineError as error:
        raise InvalidInput(str(error)) from error
    require_attributes(_group(dataset_group_arn), recipe)
    now = conf.now()
    with transaction.atomic():
        solution, is_new = Solution.objects.get_or_create(
            name=name,
            defaults={
                "arn": make_arn("solution", name),
                "dataset_group": _group(dataset_group_arn),
                **settings,
                "created_at": now,
                "updated_at": now,
            },
        )
        if is_new:
            SolutionVersion.objects.create(
                arn=make_arn("solution", name, uuid.uuid4().hex[:8]),
                solution=solution,
                status=Status.PENDING,
                warm_start_from=warm_start_from,
                created_at=now,
                updated_at=now,
            )
    return solution


def _ensure_dataset(group: DatasetGroup, dataset_type: ports.DatasetType) -> Dataset:
    now = conf.now()
    dataset, _ = Dataset.objects.get_or_create(
        dataset_group=group,
        dataset_type=dataset_type.value,
        defaults={"arn": make_arn("dataset", group.name, dataset_type.value), "created_at": now, "updated_at": now},
    )
    return dataset


def _group(arn: str) -> DatasetGroup:
    group = DatasetGroup.objects.filter(arn=arn).first()
    if group is None:
        raise ResourceNotFound(f"dataset_group_arn == {arn!r}: there is no such dataset group.")
    if group.status == Status.DELETING:
        raise ResourceNotReady(f"{arn} is being deleted.")
    return group


def _resource(row: BackendResource) -> ports.Resource:
    return ports.Resource(row.arn, _port_status(row), row.failure_reason)


def _trained(version: SolutionVersion) -> ports.SolutionVersion:
    return ports.SolutionVersion(
        version.arn,
        _port_status(version),
        version.failure_reason,
        progress=version.progress,
        note=version.note,
        metrics=headline(version.metrics),
        training=version.training,
    )


def _port_status(row: BackendResource) -> ports.ResourceStatus:
    return ports.ResourceStatus.FAILED if row.status == Status.DELETING else ports.ResourceStatus(row.status)
