"""The control plane of Amazon Personalize: describe or create, by name, so that repeating a step changes nothing."""

from collections.abc import Mapping
from pathlib import Path

from recommendations import ports
from recommendations.adapters.embedded.arns import check_name
from recommendations.adapters.personalize.campaigns import ensure_campaign
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.deleting import delete_group
from recommendations.adapters.personalize.finding import create, find_by_name, is_deleted, listed, reason_of, status_of
from recommendations.adapters.personalize.groups import ensure_group, find_group
from recommendations.adapters.personalize.imports import ensure_import
from recommendations.adapters.personalize.solutions import (
    Settings,
    describe_version,
    ensure_version,
    find_version,
    stop_version,
)
from recommendations.exceptions import InvalidInput, ResourceNotReady

# Amazon Personalize API reference, CreateFilter.
MAX_EXPRESSION = 2500


class PersonalizeControlPlane:
    """Implements `ports.ControlPlane` over boto3; what it makes turns ACTIVE in its own time."""

    def ensure_dataset_group(self, name: str, *, tags: Mapping[str, str]) -> ports.Resource:
        """The dataset group of this name, with its datasets of interactions and items; ACTIVE once all are."""
        return ensure_group(name, tags)

    def find_dataset_group(self, name: str) -> ports.Resource | None:
        """The shop's dataset group of this name, or None."""
        return find_group(name)

    def ensure_event_tracker(self, name: str, *, dataset_group_arn: str) -> ports.EventTracker:
        """The one event tracker of the group."""
        check_name("name", name)

        def find() -> str | None:
            trackers = listed("list_event_trackers", "eventTrackers", datasetGroupArn=dataset_group_arn)
            found = next((each for each in trackers if not is_deleted(each)), None)
            if found is not None and found["name"] != name:
                raise InvalidInput(f"name == {name!r}: the group has the event tracker {found['name']!r} already.")
            return None if found is None else str(found["eventTrackerArn"])

        arn = find() or create(
            lambda: str(
                control("create_event_tracker", name=name, datasetGroupArn=dataset_group_arn)["eventTrackerArn"]
            ),
            find,
        )
        described = control("describe_event_tracker", eventTrackerArn=arn)["eventTracker"]
        return ports.EventTracker(
            arn, status_of(described), reason_of(described), tracking_id=str(described["trackingId"])
        )

    def ensure_import(
        self,
        job_name: str,
        *,
        dataset_group_arn: str,
        location: Path,
        dataset_type: ports.DatasetType = ports.DatasetType.INTERACTIONS,
    ) -> ports.ImportJob:
        """The bulk import of this name, from a copy of the file on S3."""
        return ensure_import(job_name, dataset_group_arn, location, dataset_type)

    def ensure_solution_version(
        self,
        name: str,
        *,
        dataset_group_arn: str,
        recipe: str,
        hyperparameters: Mapping[str, object],
        event_weights: Mapping[str, float],
        budget_s: float | None = None,  # noqa: ARG002 - the port's, passed over
        warm_start_from: str = "",  # noqa: ARG002
    ) -> ports.SolutionVersion:
        """The version of the solution of this name; Personalize decides on budget and beginning itself."""
        return ensure_version(name, dataset_group_arn, Settings(recipe, hyperparameters, event_weights))

    def find_solution_version(self, name: str) -> ports.SolutionVersion | None:
        """The version of the solution of this name, or None."""
        return find_version(name)

    def stop_training(self, name: str) -> bool:
        """Stop a pending or running training."""
        return stop_version(name)

    def keep_metrics(self, solution_version_arn: str, figures: Mapping[str, object]) -> None:  # noqa: ARG002
        """Keep nothing: Personalize measures by itself."""
        describe_version(solution_version_arn)

    def open_ranker(self, solution_version_arn: str) -> ports.Ranker | None:
        """None: Personalize lends no model out."""
        version = describe_version(solution_version_arn)
        if version.status is not ports.ResourceStatus.ACTIVE:
            raise ResourceNotReady(f"{solution_version_arn} is {version.status}.")
        return None

    def ensure_campaign(
        self,
        name: str,
        *,
        solution_version_arn: str,
        exploration: ports.Exploration = ports.DEFAULT_EXPLORATION,
    ) -> ports.Resource:
        """The campaign that serves the solution version."""
        return ensure_campaign(name, solution_version_arn, exploration)

    def ensure_filter(self, name: str, *, dataset_group_arn: str, expression: str) -> ports.Resource:
        """The filter of this name."""
        check_name("name", name)
        if len(expression) > MAX_EXPRESSION:
            raise InvalidInput(f"expression has {len(expression)} characters: give at most {MAX_EXPRESSION}.")

        def find() -> str | None:
            found = find_by_name("list_filters", "Filters", name)
            return None if found is None else str(found["filterArn"])

        arn = find() or create(
            lambda: str(
                control("create_filter", name=name, datasetGroupArn=dataset_group_arn, filterExpression=expression)[
                    "filterArn"
                ]
            ),
            find,
        )
        described = control("describe_filter", filterArn=arn)["filter"]
        if (described["datasetGroupArn"], described["filterExpression"]) != (dataset_group_arn, expression):
            raise InvalidInput(f"name == {name!r}: there is a filter of this name already; choose another name.")
        return ports.Resource(arn, status_of(described), reason_of(described))

    def delete_dataset_group(self, dataset_group_arn: str) -> bool:
        """Delete the group and all in it: tracker, filters, campaigns, solutions, datasets, the group, its files."""
        return delete_group(dataset_group_arn)
