"""Lends a trained model out to be measured: the artifact alone, without live events."""

from collections.abc import Sequence

from recommendations import conf, ports
from recommendations.engine.artifacts import load
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import ArtifactCorrupt
from recommendations.engine.interactions import Event
from recommendations.exceptions import ResourceNotFound, ResourceNotReady
from recommendations.models.resources import SolutionVersion, Status


class EmbeddedRanker:
    """Implements `ports.Ranker` over one artifact."""

    def __init__(self, model: Recommender) -> None:
        self._model = model

    def rank(self, histories: Sequence[Sequence[tuple[str, int, str]]], k: int) -> list[list[str]]:
        """Up to `k` item ids for each history, best first."""
        return self._model.recommend([[Event(*event) for event in history] for history in histories], k)[0]


def open_ranker(solution_version_arn: str) -> ports.Ranker:
    """Open a version's artifact.

    Raises:
        ResourceNotFound: there is no such version.
        ResourceNotReady: it is not ACTIVE, or its artifact is damaged.
    """
    version = SolutionVersion.objects.filter(arn=solution_version_arn).first()
    if version is None:
        raise ResourceNotFound(f"solution_version_arn == {solution_version_arn!r}: there is no such version.")
    if version.status != Status.ACTIVE:
        raise ResourceNotReady(f"{solution_version_arn} is {version.status}; only an ACTIVE one can be asked.")
    try:
        return EmbeddedRanker(load(conf.artifacts_dir() / version.artifact_path, verify=False).model)
    except ArtifactCorrupt as error:
        raise ResourceNotReady(f"{solution_version_arn}: {error}") from error
