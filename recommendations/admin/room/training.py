"""How far a run's training is, as its backend tells."""

from recommendations.adapters.registry import get_backend
from recommendations.admin.room.stepper import Progress
from recommendations.exceptions import RecommendationsError
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.states import RetrainStatus
from recommendations.ports import ResourceStatus


def read_progress(rotation: Rotation, run: RetrainRun) -> Progress | None:
    """Return the progress of the training that a run waits for, or None where the backend tells nothing yet.

    Args:
        rotation: of the run.
        run: any run; only one that is at its training has such a thing.
    """
    if run.status != RetrainStatus.TRAIN:
        return None
    try:
        version = get_backend(rotation.backend).control.find_solution_version(run.resource_name)
    except RecommendationsError:
        return None
    if version is None:
        return None
    if version.status is ResourceStatus.PENDING:
        return Progress(0.0, "waits for a trainer")
    return Progress(version.progress, version.note)
