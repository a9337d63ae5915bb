"""Automatic trainings: a new version of each solution that asks for them, whenever its newest one is old enough."""

import re
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from recommendations import conf
from recommendations.models.resources import DatasetImportJob, Solution, SolutionVersion, Status
from recommendations.server.limits import MAX_PENDING_VERSIONS
from recommendations.server.rows import PENDING, create
from recommendations.server.wire.faults import invalid

# Amazon Personalize developer guide, "Configuring automatic training": what it is by default, and at most.
DEFAULT_DAYS = 7
MAX_DAYS = 30
# The training mode that only automatic trainings have.
AUTOTRAIN = "AUTOTRAIN"
_RATE = re.compile(r"rate\((\d+) days?\)")


def days_between(config: Mapping[str, Any]) -> int:
    """Return how many days lie between automatic trainings.

    Args:
        config: a solution's `autoTrainingConfig`, or none of its members.

    Raises:
        ApiFault: InvalidInputException; the message names the range.
    """
    text = config.get("schedulingExpression", f"rate({DEFAULT_DAYS} days)")
    found = _RATE.fullmatch(text)
    days = int(found[1]) if found else 0
    if not 1 <= days <= MAX_DAYS:
        raise invalid(
            f"autoTrainingConfig.schedulingExpression == {text!r}: give rate(1 day) to rate({MAX_DAYS} days)."
        )
    return days


def train_automatically() -> int:
    """Ask for each training that is due, and return how many there were."""
    asking = Solution.objects.filter(status=Status.ACTIVE, recommender=None, settings__performAutoTraining=True)
    due = [solution for solution in asking.select_related("dataset_group") if _is_due(solution)]
    for solution in due:
        create(
            SolutionVersion,
            arn=f"{solution.arn}/{uuid.uuid4().hex[:8]}",
            solution=solution,
            training_mode=AUTOTRAIN,
            wants_metrics=True,
        )
    return len(due)


def _is_due(solution: Solution) -> bool:
    if SolutionVersion.objects.filter(status__in=PENDING).count() >= MAX_PENDING_VERSIONS:
        return False
    newest = solution.versions.order_by("-created_at", "-pk").first()
    if newest is None:
        # The first one waits for data.
        return DatasetImportJob.objects.filter(
            dataset__dataset_group=solution.dataset_group_id,
            dataset__dataset_type="INTERACTIONS",
            status=Status.ACTIVE,
        ).exists()
    config = solution.settings.get("solutionConfig", {}).get("autoTrainingConfig", {})
    return conf.now() >= newest.created_at + timedelta(days=days_between(config))
