"""Lends a trained model out to be measured: the artifact alone, without live events."""

from collections.abc import Sequence

from recommendations import conf, ports
from recommendations.engine.artifacts import Artifact, load
from recommendations.engine.exceptions import ArtifactCorrupt
from recommendations.exceptions import ResourceNotFound, ResourceNotReady
from recommendations.models.resources import SolutionVersion, Status


class EmbeddedRanker:
    """Implements `ports.Ranker` over one artifact."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact

    def rank(self, user_ids: Sequence[str], k: int) -> list[list[str]]:
        """Up to `k` item ids for each user, best first, by the past kept beside the model."""
        known = self._artifact.histories
        histories = [known.of(user_id) if known else [] for user_id in user_ids]
        traits = [self._artifact.traits_of(user_id) for user_id in user_ids]
        return self._artifact.model.recommend(histories, k, traits=traits)[0]


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
        return EmbeddedRanker(load(conf.artifacts_dir() / version.artifact_path, verify=False))
    except ArtifactCorrupt as error:
        raise ResourceNotReady(f"{solution_version_arn}: {error}") from error
