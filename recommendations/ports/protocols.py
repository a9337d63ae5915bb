"""What any recommender backend offers: control plane and runtime as protocols, and all its faces in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recommendations.ports.sinks import EventSink
from recommendations.ports.values import (
    DEFAULT_EXPLORATION,
    NO_VALUES,
    DatasetType,
    EventTracker,
    Exploration,
    ImportJob,
    RecommendationList,
    Resource,
    SolutionVersion,
)


class Ranker(Protocol):
    """A trained model, lent out to be measured: it knows what was imported for its training, and nothing live."""

    def rank(self, user_ids: Sequence[str], k: int) -> list[list[str]]:
        """Up to `k` item ids for each user, best first, by the past that was imported; an unknown user has none.

        Args:
            user_ids: whom to ask about.
            k: the length of a list, at least 1.
        """
        ...


class ControlPlane(Protocol):
    """Makes and deletes resources. Every `ensure_` describes first, so that repeating a step changes nothing."""

    def ensure_dataset_group(self, name: str, *, tags: Mapping[str, str]) -> Resource:
        """The dataset group of this name, created where it is missing, with schemas and datasets of both kinds.

        Those are Interactions and Items, so that events and items can be put before anything is imported.
        """
        ...

    def find_dataset_group(self, name: str) -> Resource | None:
        """The dataset group of this name, or None; what a dead run may have left is found by its name."""
        ...

    def ensure_event_tracker(self, name: str, *, dataset_group_arn: str) -> EventTracker:
        """The one event tracker of the group."""
        ...

    def ensure_import(
        self,
        job_name: str,
        *,
        dataset_group_arn: str,
        location: Path,
        dataset_type: DatasetType = DatasetType.INTERACTIONS,
    ) -> ImportJob:
        """The bulk import of this name into the group's dataset of that type, which is made where it is missing.

        `location` is a CSV file with a header row; `recommendations.datasets` says which columns.

        Raises:
            InvalidInput: the file cannot be read or lacks a column.
        """
        ...

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
    ) -> SolutionVersion:
        """The version of the solution of this name; the backend trains until its status is ACTIVE or FAILED.

        `event_weights` gives the weight of each event type, 0..1; where it is empty the recipe's own hold. `budget_s`
        are the CPU-seconds that the training may use, None for no limit; `warm_start_from` is the ARN of an earlier
        version that it may go on from. A backend that decides on its training itself passes both over, and so does
        one that finds the earlier version gone or unfit.
        """
        ...

    def find_solution_version(self, name: str) -> SolutionVersion | None:
        """The version of the solution of this name, or None; a look that makes nothing."""
        ...

    def stop_training(self, name: str) -> bool:
        """Stop the training of the solution of this name, if it is trained; it never becomes ACTIVE then.

        Returns:
            Whether there was anything to stop.
        """
        ...

    def keep_metrics(self, solution_version_arn: str, figures: Mapping[str, object]) -> None:
        """Keep what was measured of a solution version beside it, in place of what was kept before.

        A backend that measures by itself passes it over.

        Args:
            solution_version_arn: the version.
            figures: what JSON can hold, as the evaluate step of a retrain makes them.

        Raises:
            ResourceNotFound: there is no such version.
        """
        ...

    def open_ranker(self, solution_version_arn: str) -> Ranker | None:
        """The version's model, without live events; None where the backend lends none.

        Raises:
            ResourceNotFound, ResourceNotReady: there is no such version, or it is not ACTIVE.
        """
        ...

    def ensure_campaign(
        self, name: str, *, solution_version_arn: str, exploration: Exploration = DEFAULT_EXPLORATION
    ) -> Resource:
        """The campaign that serves the solution version.

        Raises:
            InvalidInput: the exploration is out of range, or a campaign of this name has another one.
        """
        ...

    def ensure_filter(self, name: str, *, dataset_group_arn: str, expression: str) -> Resource:
        """The filter of this name in the group, for every campaign of the group.

        Args:
            name: of the filter.
            dataset_group_arn: whose items and interactions it looks at.
            expression: Amazon Personalize's, `EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")` for
                example; `$NAME` stands for a value that each request gives.

        Raises:
            InvalidInput: the expression cannot be understood, names a field that is not there, or is not the one
                that the filter of this name has; the message names the place and the fix.
        """
        ...

    def delete_dataset_group(self, dataset_group_arn: str) -> bool:
        """Delete the group and all in it, in the order the backend wants; True once nothing is left."""
        ...


class Runtime(Protocol):
    """Answers a page. Called under a deadline and a breaker, never retried."""

    def get_recommendations(
        self,
        campaign_arn: str,
        *,
        k: int,
        user_id: str = "",
        item_id: str = "",
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """Up to `k` items, best first: for a user, or beside an item where the campaign's recipe relates items.

        Args:
            campaign_arn: who is asked.
            k: 1 to 500.
            user_id: an unknown user gets the model's answer to an empty history.
            item_id: for recipes that relate items; where it is empty, the user's newest item stands for it.
            filter_arn: the filter that every item must pass; none where it is empty.
            filter_values: parameter of the filter -> its value or values, each in double quotes, between commas.

        Returns:
            Fewer than `k` items only where no more pass the filter, or the model has no more to offer.

        Raises:
            ResourceNotFound, ResourceNotReady: the campaign or the filter cannot serve.
            InvalidInput: `k`, or a value of the filter; or the filter compares with the current item and none is given.
            BackendThrottled, BackendUnavailable: it did not answer.
        """
        ...

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """The given items in the user's order, best first; items that the model does not know come last, as given.

        Args:
            campaign_arn: of a recipe that ranks for users.
            user_id: an unknown user gets the model's answer to an empty history.
            item_ids: at most 500; repeated ones count once.
            filter_arn: a filter that takes away items which do not pass; none where it is empty.
            filter_values: as for `get_recommendations`.

        Raises:
            ResourceNotFound, ResourceNotReady: the campaign or the filter cannot serve.
            InvalidInput: too many items, a value of the filter, or a campaign that cannot rank for users.
            BackendThrottled, BackendUnavailable: it did not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Backend:
    """The three faces of one recommender service.

    Attributes:
        name: as rotations name it.
        control: makes and deletes.
        runtime: answers pages.
        events: takes live events.
        bills: whether a campaign costs money for as long as it exists, so that an old side goes after a short drain.
        measures: whether it tells by itself how good a solution version is, and lends no model out to be measured.
    """

    name: str
    control: ControlPlane
    runtime: Runtime
    events: EventSink
    bills: bool = False
    measures: bool = False
