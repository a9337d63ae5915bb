"""Groups of resources that tests make by boto3: an empty one, a trained one, and one of a domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories.wire import (
    INTERACTION_FIELDS,
    ITEM_FIELDS,
    RECIPE,
    ROLE,
    USER_FIELDS,
    schema_text,
    unique,
    wait_until_active,
    wait_until_over,
    write_interactions,
    write_items,
    write_users,
)


@dataclass(frozen=True)
class Group:
    """A dataset group, and shortcuts to what is made in it."""

    personalize: Any
    arn: str

    @classmethod
    def make(cls, personalize: Any, word: str = "group", **more: Any) -> "Group":
        arn = personalize.create_dataset_group(name=unique(word), **more)["datasetGroupArn"]
        wait_until_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=arn)
        return cls(personalize, arn)

    def dataset(self, kind: str, fields: Sequence[Mapping[str, Any]], *, domain: str = "") -> str:
        of_domain = {"domain": domain} if domain else {}
        schema = self.personalize.create_schema(name=unique("schema"), schema=schema_text(kind, fields), **of_domain)[
            "schemaArn"
        ]
        dataset: str = self.personalize.create_dataset(
            name=unique("dataset"), schemaArn=schema, datasetGroupArn=self.arn, datasetType=kind
        )["datasetArn"]
        wait_until_active(self.personalize.describe_dataset, "dataset", datasetArn=dataset)
        return dataset

    def start_import(self, dataset: str, path: Path, **more: Any) -> str:
        arn: str = self.personalize.create_dataset_import_job(
            jobName=unique("import"),
            datasetArn=dataset,
            dataSource={"dataLocation": f"file://{path}"},
            roleArn=ROLE,
            **more,
        )["datasetImportJobArn"]
        return arn

    def run_import(self, dataset: str, path: Path, **more: Any) -> dict[str, Any]:
        job = self.start_import(dataset, path, **more)
        return wait_until_over(
            self.personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job
        )

    def solution(self, recipe: str = "aws-user-personalization", **more: Any) -> str:
        arn: str = self.personalize.create_solution(
            name=unique("solution"), datasetGroupArn=self.arn, recipeArn=f"{RECIPE}{recipe}", **more
        )["solutionArn"]
        wait_until_active(self.personalize.describe_solution, "solution", solutionArn=arn)
        return arn

    def train(self, solution: str, **more: Any) -> dict[str, Any]:
        version = self.personalize.create_solution_version(solutionArn=solution, **more)["solutionVersionArn"]
        return wait_until_over(
            self.personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version
        )

    def campaign(self, version: str, **more: Any) -> str:
        arn: str = self.personalize.create_campaign(name=unique("campaign"), solutionVersionArn=version, **more)[
            "campaignArn"
        ]
        wait_until_active(self.personalize.describe_campaign, "campaign", campaignArn=arn)
        return arn

    def filter(self, expression: str) -> str:
        arn: str = self.personalize.create_filter(
            name=unique("filter"), datasetGroupArn=self.arn, filterExpression=expression
        )["filterArn"]
        wait_until_active(self.personalize.describe_filter, "filter", filterArn=arn)
        return arn

    def delete(self) -> None:
        """Delete the group with all that is in it, in the order that the service asks for."""
        ours, aws = {"datasetGroupArn": self.arn}, self.personalize
        for recommender in aws.list_recommenders(**ours)["recommenders"]:
            wait_until_over(aws.describe_recommender, "recommender", recommenderArn=recommender["recommenderArn"])
            aws.delete_recommender(recommenderArn=recommender["recommenderArn"])
        for solution in aws.list_solutions(**ours)["solutions"]:
            self._delete_solution(solution["solutionArn"])
        for made in aws.list_filters(**ours)["Filters"]:
            wait_until_over(aws.describe_filter, "filter", filterArn=made["filterArn"])
            aws.delete_filter(filterArn=made["filterArn"])
        for tracker in aws.list_event_trackers(**ours)["eventTrackers"]:
            wait_until_over(aws.describe_event_tracker, "eventTracker", eventTrackerArn=tracker["eventTrackerArn"])
            aws.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
        schemas = []
        for dataset in aws.list_datasets(**ours)["datasets"]:
            described = aws.describe_dataset(datasetArn=dataset["datasetArn"])["dataset"]
            schemas.append(described["schemaArn"])
            aws.delete_dataset(datasetArn=dataset["datasetArn"])
        aws.delete_dataset_group(**ours)
        for schema in schemas:
            aws.delete_schema(schemaArn=schema)

    def _delete_solution(self, solution: str) -> None:
        aws = self.personalize
        for campaign in aws.list_campaigns(solutionArn=solution)["campaigns"]:
            wait_until_over(aws.describe_campaign, "campaign", campaignArn=campaign["campaignArn"])
            aws.delete_campaign(campaignArn=campaign["campaignArn"])
        for version in aws.list_solution_versions(solutionArn=solution)["solutionVersions"]:
            arn = version["solutionVersionArn"]
            wait_until_over(aws.describe_solution_version, "solutionVersion", solutionVersionArn=arn)
        aws.delete_solution(solutionArn=solution)

    def recommender(self, recipe: str, **more: Any) -> str:
        arn: str = self.personalize.create_recommender(
            name=unique("recommender"), datasetGroupArn=self.arn, recipeArn=f"{RECIPE}{recipe}", **more
        )["recommenderArn"]
        wait_until_active(self.personalize.describe_recommender, "recommender", recommenderArn=arn)
        return arn

    def tracker(self) -> tuple[str, str]:
        """The ARN and the tracking id of a new tracker."""
        made = self.personalize.create_event_tracker(name=unique("tracker"), datasetGroupArn=self.arn)
        arn, tracking_id = made["eventTrackerArn"], made["trackingId"]
        wait_until_active(self.personalize.describe_event_tracker, "eventTracker", eventTrackerArn=arn)
        return arn, tracking_id


@dataclass(frozen=True)
class Trained:
    """A group whose campaign answers."""

    group: Group
    interactions: str
    items: str
    users: str
    solution: str
    version: str
    campaign: str
    tracker: str
    tracking_id: str

    @classmethod
    def make(cls, personalize: Any, folder: Path) -> "Trained":
        group = Group.make(personalize, "trained")
        interactions = group.dataset("Interactions", INTERACTION_FIELDS)
        items = group.dataset("Items", ITEM_FIELDS)
        users = group.dataset("Users", USER_FIELDS)
        jobs = (
            group.start_import(interactions, write_interactions(folder / "interactions.csv")),
            group.start_import(items, write_items(folder / "items.csv")),
            group.start_import(users, write_users(folder / "users.csv")),
        )
        for job in jobs:
            describe = personalize.describe_dataset_import_job
            wait_until_active(describe, "datasetImportJob", datasetImportJobArn=job)
        tracker, tracking_id = group.tracker()
        solution = group.solution()
        version = group.train(solution)
        assert version["status"] == "ACTIVE", version
        arn = version["solutionVersionArn"]
        campaign = group.campaign(arn, campaignConfig={"enableMetadataWithRecommendations": True})
        return cls(group, interactions, items, users, solution, arn, campaign, tracker, tracking_id)


@dataclass(frozen=True)
class Domain:
    """A group of the domain ECOMMERCE."""

    group: Group
    interactions: str
    recommender: str
    tracking_id: str

    @classmethod
    def make(cls, personalize: Any, folder: Path) -> "Domain":
        group = Group.make(personalize, "domain", domain="ECOMMERCE")
        interactions = group.dataset("Interactions", INTERACTION_FIELDS, domain="ECOMMERCE")
        file = write_interactions(folder / "interactions.csv", n_each=15, event_types=("View", "View", "Purchase"))
        assert group.run_import(interactions, file)["status"] == "ACTIVE"
        _, tracking_id = group.tracker()
        recommender = group.recommender("aws-ecomm-recommended-for-you")
        return cls(group, interactions, recommender, tracking_id)
