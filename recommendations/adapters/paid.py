"""A control plane that bills: every paid act is written in the ledger first, and refused where the budget is spent."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.adapters.personalize.costs import Prices, import_usd, tps_usd, training_usd
from recommendations.exceptions import RecommendationsError
from recommendations.models import PaidAct
from recommendations.ports import (
    DEFAULT_EXPLORATION,
    ControlPlane,
    DatasetType,
    EventTracker,
    Exploration,
    ImportJob,
    Ranker,
    Resource,
    SolutionVersion,
)

# What a retrain names its dataset group: the rotation, the side, the run.
NAME = re.compile(r"(?P<owner>.+)-(?:maize|blue)-\d+")
CHUNK = 1 << 20


class PaidControlPlane(ControlPlane):
    """Passes everything on to the control plane of a backend that bills, once the ledger has taken what costs money."""

    def __init__(self, inner: ControlPlane) -> None:
        """Put the ledger before a control plane.

        Args:
            inner: who makes and deletes.
        """
        self.inner = inner

    def ensure_dataset_group(self, name: str, *, tags: Mapping[str, str]) -> Resource:
        return self.inner.ensure_dataset_group(name, tags=tags)

    def find_dataset_group(self, name: str) -> Resource | None:
        group = self.inner.find_dataset_group(name)
        if group is None:
            # Whoever deleted it, it costs nothing any more.
            ledger.end_group(name)
        return group

    def ensure_event_tracker(self, name: str, *, dataset_group_arn: str) -> EventTracker:
        return self.inner.ensure_event_tracker(name, dataset_group_arn=dataset_group_arn)

    def ensure_import(
        self,
        job_name: str,
        *,
        dataset_group_arn: str,
        location: Path,
        dataset_type: DatasetType = DatasetType.INTERACTIONS,
    ) -> ImportJob:
        group = _last(dataset_group_arn)
        with _paid(PaidAct.Kind.IMPORT, job_name, group, lambda act: _price_import(act, location, dataset_type)):
            return self.inner.ensure_import(
                job_name, dataset_group_arn=dataset_group_arn, location=location, dataset_type=dataset_type
            )

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
        with _paid(PaidAct.Kind.TRAINING, name, _last(dataset_group_arn), lambda act: _price_training(act, recipe)):
            return self.inner.ensure_solution_version(
                name,
                dataset_group_arn=dataset_group_arn,
                recipe=recipe,
                hyperparameters=hyperparameters,
                event_weights=event_weights,
                budget_s=budget_s,
                warm_start_from=warm_start_from,
            )

    def find_solution_version(self, name: str) -> SolutionVersion | None:
        return self.inner.find_solution_version(name)

    def stop_training(self, name: str) -> bool:
        return self.inner.stop_training(name)

    def keep_metrics(self, solution_version_arn: str, figures: Mapping[str, object]) -> None:
        self.inner.keep_metrics(solution_version_arn, figures)

    def open_ranker(self, solution_version_arn: str) -> Ranker | None:
        return self.inner.open_ranker(solution_version_arn)

    def ensure_campaign(
        self, name: str, *, solution_version_arn: str, exploration: Exploration = DEFAULT_EXPLORATION
    ) -> Resource:
        training = _training_of(solution_version_arn)
        group = training.group_name if training is not None else name
        with _paid(PaidAct.Kind.CAMPAIGN, name, group, lambda act: _price_campaign(act, training)):
            return self.inner.ensure_campaign(name, solution_version_arn=solution_version_arn, exploration=exploration)

    def ensure_filter(self, name: str, *, dataset_group_arn: str, expression: str) -> Resource:
        return self.inner.ensure_filter(name, dataset_group_arn=dataset_group_arn, expression=expression)

    def delete_dataset_group(self, dataset_group_arn: str) -> bool:
        is_gone = self.inner.delete_dataset_group(dataset_group_arn)
        if is_gone:
            ledger.end_group(_last(dataset_group_arn))
        return is_gone


@contextmanager
def _paid(kind: PaidAct.Kind, name: str, group: str, price: Callable[[PaidAct], None]) -> Iterator[None]:
    """Write an act down before the block asks for it, and take it back where it was refused for good.

    An act of that kind and name that was written before is neither priced nor written again, so that whoever repeats
    a step, or waits for its end, pays once.
    """
    if PaidAct.objects.filter(kind=kind, name=name).exists():
        yield
        return
    match = NAME.fullmatch(group)
    act = PaidAct(kind=kind, name=name, group_name=group, owner=match["owner"] if match else group)
    price(act)
    is_new = ledger.spend(act)
    try:
        yield
    except RecommendationsError as error:
        # What may have been done before it failed is asked for again, and stays.
        if is_new and not error.retryable:
            ledger.forget(act)
        raise


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _training_of(solution_version_arn: str) -> PaidAct | None:
    """The training that made a solution version; its ARN ends with `solution/NAME/VERSION`."""
    name = solution_version_arn.rpartition(":solution/")[2].partition("/")[0]
    return PaidAct.objects.filter(kind=PaidAct.Kind.TRAINING, name=name).first()


def _prices() -> Prices:
    return Prices.parse(conf.prices())


def _price_import(act: PaidAct, location: Path, dataset_type: DatasetType) -> None:
    try:
        act.usd = import_usd(location.stat().st_size, _prices())
        # Only interactions are trained on by number; the first line is the header.
        act.n_rows = max(_count_lines(location) - 1, 0) if dataset_type is DatasetType.INTERACTIONS else 0
    except OSError:
        # The backend says better what is wrong with the file.
        act.usd, act.n_rows = 0.0, 0


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def _price_training(act: PaidAct, recipe: str) -> None:
    imports = PaidAct.objects.filter(kind=PaidAct.Kind.IMPORT, group_name=act.group_name)
    act.n_rows, act.recipe = sum(imports.values_list("n_rows", flat=True)), recipe
    act.usd = training_usd(act.n_rows, recipe, _prices())


def _price_campaign(act: PaidAct, training: PaidAct | None) -> None:
    act.recipe = training.recipe if training is not None else ""
    act.usd_an_hour = conf.personalize_min_tps() * tps_usd(act.recipe, _prices())
