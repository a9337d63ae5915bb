"""The embedded backend's trainer: claims a pending solution version by lease and makes its artifact."""

import logging
import shutil
import time
from pathlib import Path

import numpy as np

from recommendations import conf
from recommendations.adapters.embedded.datasets import read_datasets
from recommendations.adapters.embedded.fitting import drop_checkpoint, fit
from recommendations.adapters.embedded.measuring import measure
from recommendations.adapters.embedded.selecting import excluded_columns, select_events
from recommendations.adapters.embedded.tuning import tune
from recommendations.engine import artifacts
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.exceptions import EngineError, NotEnoughData, TrainingStopped
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import Progress, ShouldStop
from recommendations.exceptions import LeaseHeld
from recommendations.leases import Keeper, current_holder, held, hold
from recommendations.models.resources import SolutionVersion, Status

logger = logging.getLogger(__name__)

TO_TRAIN = (Status.PENDING, Status.IN_PROGRESS)
# Amazon Personalize developer guide, "Quotas": users that a training needs, and the interactions of each.
MIN_USERS = 25
MIN_INTERACTIONS_A_USER = 2
MIN_SHARE_OF_USERS = 0.01
REPORT_EVERY_S = 1.0
# What always kills its trainer, for want of memory say, is not tried for ever.
MAX_DEATHS = 5


def train_next(*, progress: Progress | None = None, should_stop: ShouldStop | None = None) -> str | None:
    """Train the oldest solution version that waits for a trainer, or whose trainer died.

    Args:
        progress: called with the share done, 0..1, and a note.
        should_stop: asked often; the version then waits for the next trainer.

    Returns:
        The ARN of the version that was worked on, or None where none waits.
    """
    for version in SolutionVersion.objects.filter(status__in=TO_TRAIN).order_by("created_at", "pk"):
        try:
            train(version, progress=progress, should_stop=should_stop)
        except LeaseHeld:
            continue
        return version.arn
    return None


def train(
    solution_version: SolutionVersion, *, progress: Progress | None = None, should_stop: ShouldStop | None = None
) -> None:
    """Train one solution version; its row ends ACTIVE or failed with a reason, or pending if training was stopped.

    Args:
        solution_version: any state of the row; nothing happens where it needs no training any more.
        progress: called with the share done, 0..1, and a note.
        should_stop: asked often.

    Raises:
        LeaseHeld: another trainer works on it.
    """
    with hold(solution_version, holder=current_holder()) as (version, keeper):
        if version.status not in TO_TRAIN:
            return
        if version.n_deaths > MAX_DEATHS:
            reason = f"Create failed. {version.n_deaths} trainers died at it; look for the cause in the logs (memory?)."
            _record(version, status=Status.FAILED, failure_reason=reason)
            return
        _record(version, status=Status.IN_PROGRESS)
        reporter = _Reporter(version, progress)

        def must_stop() -> bool:
            return keeper.is_lost or reporter.is_lost or (should_stop is not None and should_stop())

        try:
            _fit_and_keep(version, keeper, reporter, must_stop)
        except TrainingStopped:
            _record(version, status=Status.PENDING, note="stopped")
        except (EngineError, OSError) as error:
            _record(version, status=Status.FAILED, failure_reason=f"Create failed. {error}")
        except Exception as error:
            logger.exception("training failed", extra={"solution_version": version.arn})
            _record(version, status=Status.FAILED, failure_reason=f"Create failed. Internal error: {error!r}")
        if not SolutionVersion.objects.filter(pk=version.pk, status__in=TO_TRAIN).exists():
            drop_checkpoint(version)


class _Reporter:
    """Passes progress on, and writes it to the row at most once a second; learns there that the row was stopped."""

    def __init__(self, version: SolutionVersion, progress: Progress | None) -> None:
        self._version, self._progress = version, progress
        self.is_lost = False
        self._written_at_s = -REPORT_EVERY_S

    def __call__(self, share: float, note: str) -> None:
        if self._progress is not None:
            self._progress(share, note)
        if time.monotonic() - self._written_at_s >= REPORT_EVERY_S:
            self._written_at_s = time.monotonic()
            self.is_lost = not _record(self._version, progress=share, note=note[:200])


def _fit_and_keep(version: SolutionVersion, keeper: Keeper, progress: Progress, should_stop: ShouldStop) -> None:
    solution = version.solution
    datasets = read_datasets(solution.dataset_group, excluded_columns(solution))
    interactions = select_events(datasets.interactions, solution)
    _require_enough(interactions)
    tuned = tune(solution, interactions, should_stop=should_stop)
    # For this training alone: the row keeps what it was asked for.
    solution.hyperparameters = {**solution.hyperparameters, **tuned}
    metrics = measure(solution, interactions, should_stop=should_stop) if version.wants_metrics else None
    model, facts = fit(version, interactions, progress=progress, should_stop=should_stop)
    # The token in its name keeps a trainer that lost its lease from touching its successor's artifact.
    path = Path(solution.dataset_group.name) / "versions" / f"{version.pk}-{version.fencing_token}"
    notes = {
        "solution_version": version.arn,
        "recipe": solution.recipe,
        "n_interactions": facts.n_interactions,
        "weights": facts.weights,
        "network": facts.network,
    }
    artifacts.save(
        conf.artifacts_dir() / path,
        model,
        UserHistories.from_interactions(interactions),
        notes,
        items=datasets.items,
        users=datasets.users,
    )
    is_kept = not keeper.is_lost and _record(
        version,
        status=Status.ACTIVE,
        progress=1.0,
        note="trained",
        artifact_path=str(path),
        training={**facts.to_json(), "tuned": tuned},
        **({} if metrics is None else {"metrics": metrics}),
        trained_at=conf.now(),
    )
    if not is_kept:
        shutil.rmtree(conf.artifacts_dir() / path, ignore_errors=True)


def _require_enough(interactions: Interactions) -> None:
    n_users = int(np.count_nonzero(np.diff(interactions.starts) >= MIN_INTERACTIONS_A_USER))
    if n_users < MIN_USERS:
        raise NotEnoughData(
            f"Dataset has fewer than {MIN_USERS} users with at least {MIN_INTERACTIONS_A_USER} interactions each."
        )
    if n_users < MIN_SHARE_OF_USERS * interactions.n_users:
        raise NotEnoughData(
            f"Dataset has fewer than {MIN_SHARE_OF_USERS:.0%} of users with at least {MIN_INTERACTIONS_A_USER} "
            "interactions each."
        )


def _record(version: SolutionVersion, **values: object) -> bool:
    """Write to the row and say whether it is still this trainer's."""
    rows = held(SolutionVersion, version.pk, version.fencing_token)
    return bool(rows.update(updated_at=conf.now(), **values))
