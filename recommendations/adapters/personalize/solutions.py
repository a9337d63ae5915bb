"""Solutions and their one version: made where they are missing, never trained twice."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommendations.adapters.embedded.arns import check_name
from recommendations.adapters.personalize.clients import control, serves_amazon
from recommendations.adapters.personalize.finding import create, find_by_name, listed, reason_of, status_of
from recommendations.exceptions import InvalidInput, ResourceNotFound
from recommendations.ports import ResourceStatus, SolutionVersion

logger = logging.getLogger(__name__)

RECIPES = "arn:aws:personalize:::recipe/"
# Amazon Personalize developer guide, "Legacy HRNN recipes": withdrawn, so that no solution can be made of them.
WITHDRAWN = ("aws-hrnn",)
# Amazon Personalize API reference, EventsConfig: the most event types with weights.
MAX_EVENT_TYPES = 10
# Amazon Personalize developer guide, "Properties and hyperparameters" of each recipe: of its feature transformation.
FEATURES = frozenset(
    {
        *(f"{end}_user_history_length_percentile" for end in ("min", "max")),
        *(f"{end}_item_interaction_count_percentile" for end in ("min", "max")),
        *(f"cold_start_{what}" for what in ("max_interactions", "max_duration", "relative_from")),
    }
)
KINDS = ("algorithmHyperParameters", "featureTransformationParameters")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a solution is made of.

    Attributes:
        recipe: its name, without the ARN's beginning.
        hyperparameters: by name; the recipe's own where not given.
        event_weights: event type -> 0..1; empty for the recipe's own.
    """

    recipe: str
    hyperparameters: Mapping[str, object]
    event_weights: Mapping[str, float]

    def config(self) -> dict[str, Any]:
        """The `solutionConfig` of a request; numbers go as text, as Personalize wants them."""
        config: dict[str, Any] = {}
        for kind, is_feature in zip(KINDS, (False, True), strict=True):
            of_kind = {
                name: _text(each) for name, each in self.hyperparameters.items() if (name in FEATURES) is is_feature
            }
            if of_kind:
                config[kind] = of_kind
        if self.event_weights:
            weights = [{"eventType": name, "weight": float(each)} for name, each in self.event_weights.items()]
            config["eventsConfig"] = {"eventParametersList": weights}
        return config

    def check(self) -> None:
        """Refuse what Personalize would refuse, or what it would read otherwise.

        Raises:
            InvalidInput: the recipe is unknown or withdrawn, or there are too many event weights.
        """
        if self.recipe.startswith(WITHDRAWN) and serves_amazon():
            raise InvalidInput(
                f"recipe == {self.recipe!r}: Amazon has withdrawn it; make a rotation of aws-user-personalization or "
                "aws-user-personalization-v2 (PERSONALIZE_RECIPE), or train it on the embedded backend."
            )
        if len(self.event_weights) > MAX_EVENT_TYPES:
            raise InvalidInput(
                f"event_weights has {len(self.event_weights)} event types: Personalize takes {MAX_EVENT_TYPES}."
            )
        try:
            control("describe_recipe", recipeArn=f"{RECIPES}{self.recipe}")
        except ResourceNotFound as error:
            raise InvalidInput(f"recipe == {self.recipe!r}: Personalize has no such recipe.") from error

    def is_of(self, solution: Mapping[str, Any]) -> bool:
        """Whether a described solution was made of these."""
        mine, its = self.config(), solution.get("solutionConfig") or {}
        return (
            solution.get("recipeArn") == f"{RECIPES}{self.recipe}"
            and _chosen(mine, its)
            and _weights(mine) == _weights(its)
        )


def ensure_version(name: str, group_arn: str, settings: Settings) -> SolutionVersion:
    """Return the version of the solution of a name in a group, both made where they are missing.

    Returns:
        The version; while its solution is being made, the solution's ARN stands for it.

    Raises:
        InvalidInput: the settings are refused, or the solution of this name has others.
    """
    check_name("name", name)

    def find() -> str | None:
        found = find_by_name("list_solutions", "solutions", name, datasetGroupArn=group_arn)
        return None if found is None else str(found["solutionArn"])

    arn = find()
    if arn is None:
        settings.check()
        arn = create(lambda: _create(name, group_arn, settings), find)
    solution = control("describe_solution", solutionArn=arn)["solution"]
    if not settings.is_of(solution):
        raise InvalidInput(f"name == {name!r}: a solution of this name has other settings; choose another name.")
    if status_of(solution) is not ResourceStatus.ACTIVE:
        return SolutionVersion(arn, status_of(solution), reason_of(solution))
    return describe_version(_ensure_one(arn, name))


def find_version(name: str) -> SolutionVersion | None:
    """Return the version of the solution of a name, None where there is none."""
    solution = find_by_name("list_solutions", "solutions", name)
    arn = None if solution is None else newest_version(solution["solutionArn"])
    return None if arn is None else describe_version(arn)


def newest_version(solution_arn: str) -> str | None:
    """Return the ARN of a solution's newest version, None where it has none."""
    versions = list(listed("list_solution_versions", "solutionVersions", solutionArn=solution_arn))
    if not versions:
        return None
    return str(max(versions, key=lambda each: each["creationDateTime"])["solutionVersionArn"])


def describe_version(arn: str) -> SolutionVersion:
    """Return a version with the service's own metrics, once it is ACTIVE.

    Raises:
        ResourceNotFound: there is none of this ARN.
    """
    described = control("describe_solution_version", solutionVersionArn=arn)["solutionVersion"]
    status = status_of(described)
    if status is not ResourceStatus.ACTIVE:
        return SolutionVersion(arn, status, reason_of(described))
    metrics = control("get_solution_metrics", solutionVersionArn=arn).get("metrics", {})
    hours = described.get("trainingHours")
    return SolutionVersion(
        arn,
        status,
        progress=1.0,
        metrics={str(name): float(value) for name, value in metrics.items()},
        training={} if hours is None else {"training_hours": float(hours)},
    )


def stop_version(name: str) -> bool:
    """Stop the training of the solution of a name, and return whether there was anything to stop."""
    version = find_version(name)
    if version is None or version.status not in {ResourceStatus.PENDING, ResourceStatus.IN_PROGRESS}:
        return False
    try:
        control("stop_solution_version_creation", solutionVersionArn=version.arn)
    except InvalidInput as error:
        # It came to its end at this moment.
        logger.info("training not stopped", extra={"arn": version.arn, "error": str(error)})
        return False
    return True


def recipe_of(version_arn: str) -> str:
    """Return the name of the recipe that a version was trained with."""
    described = control("describe_solution_version", solutionVersionArn=version_arn)["solutionVersion"]
    return str(described.get("recipeArn", "")).rpartition("/")[2]


def _create(name: str, group_arn: str, settings: Settings) -> str:
    config = settings.config()
    answer = control(
        "create_solution",
        name=name,
        datasetGroupArn=group_arn,
        recipeArn=f"{RECIPES}{settings.recipe}",
        # Amazon would train every week by itself, and bill it; here nights train.
        performAutoTraining=False,
        **({"solutionConfig": config} if config else {}),
    )
    return str(answer["solutionArn"])


def _ensure_one(solution_arn: str, name: str) -> str:
    def find() -> str | None:
        return newest_version(solution_arn)

    def make() -> str:
        # The name lets nobody train, and pay, twice.
        answer = control("create_solution_version", solutionArn=solution_arn, name=name, trainingMode="FULL")
        arn = str(answer["solutionVersionArn"])
        logger.info("training begun", extra={"arn": arn})
        return arn

    return find() or create(make, find)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _chosen(mine: Mapping[str, Any], its: Mapping[str, Any]) -> bool:
    """Whether all that was chosen holds; a description may tell the recipe's own numbers besides."""
    return all((its.get(kind) or {}).get(name) == text for kind in KINDS for name, text in mine.get(kind, {}).items())


def _weights(config: Mapping[str, Any]) -> dict[str, float]:
    listed_weights = (config.get("eventsConfig") or {}).get("eventParametersList") or ()
    return {each["eventType"]: float(each.get("weight", 1.0)) for each in listed_weights}
