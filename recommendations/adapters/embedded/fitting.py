"""One training as its solution says: within its budget, on from an earlier version, resumed where it broke off."""

import logging
import resource
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recommendations import conf
from recommendations.engine.artifacts import load
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import ArtifactCorrupt
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.recipes import build_recommender
from recommendations.engine.training import Progress, ShouldStop
from recommendations.models.resources import Solution, SolutionVersion, Status

logger = logging.getLogger(__name__)

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training cost and came to, as its version keeps it.

    Attributes:
        n_interactions, n_users, n_items: what it was trained on.
        budget_s: the CPU-seconds that it might use; None for no limit.
        cpu_s: those it used, an interrupted predecessor's apart.
        peak_rss_mb: the most memory that its process has held so far, in MiB.
        weights: of each part that takes part; empty for a model without parts.
        left_out: why each other part takes none.
        network: in one sentence, whether a network takes part, and why.
        warm_start: in one sentence, what it went on from.
    """

    n_interactions: int
    n_users: int
    n_items: int
    budget_s: float | None
    cpu_s: float
    peak_rss_mb: float
    network: str
    warm_start: str
    weights: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The facts as a row keeps them."""
        return asdict(self)


def fit(
    version: SolutionVersion, interactions: Interactions, *, progress: Progress, should_stop: ShouldStop
) -> tuple[Recommender, Fitted]:
    """Train the solution's recipe.

    Args:
        version: what is trained; its solution gives recipe, settings and budget.
        interactions: all that was imported.
        progress: called with the share done, 0..1, and a note.
        should_stop: asked often.

    Raises:
        EngineError: the data do not suit, or the training was stopped.
    """
    solution = version.solution
    # A homepage's list is for the whole visit, and that is how Amazon Personalize evaluates.
    model = build_recommender(
        solution.recipe,
        solution.hyperparameters,
        solution.event_weights or None,
        questions="newest_tenth",
        # Asked for then, whenever a trainer comes to it: one that takes up another's training must find the same.
        now_s=int(version.created_at.timestamp()),
    )
    before = _open_earlier(version, model)
    started_s = time.process_time()
    model.warm_start_from(before).fit(
        interactions,
        budget_s=solution.training_budget_s,
        checkpoint=checkpoint_folder(version),
        progress=progress,
        should_stop=should_stop,
    )
    facts = Fitted(
        n_interactions=len(interactions),
        n_users=interactions.n_users,
        n_items=len(model.item_ids_),
        budget_s=solution.training_budget_s,
        cpu_s=round(time.process_time() - started_s, 3),
        # Linux counts in KiB.
        peak_rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE, 1),
        network=_say_network(model),
        warm_start=_say_warm_start(version, before, model),
        weights=model.taking_part() if isinstance(model, Blend) else {},
        left_out=model.why_left_out() if isinstance(model, Blend) else {},
    )
    return model, facts


def checkpoint_folder(version: SolutionVersion) -> Path:
    """Where a version's training keeps its state until it is over, so that another trainer takes it up."""
    return conf.artifacts_dir() / version.solution.dataset_group.name / "checkpoints" / str(version.pk)


def drop_checkpoint(version: SolutionVersion) -> None:
    """Remove the state of a training that nobody will take up."""
    shutil.rmtree(checkpoint_folder(version), ignore_errors=True)


def _open_earlier(version: SolutionVersion, model: Recommender) -> Recommender | None:
    """Return the model to go on from, where there is one and this training has use for it."""
    if not version.warm_start_from or not _has_use_for_earlier(version.solution, model):
        return None
    earlier = SolutionVersion.objects.filter(arn=version.warm_start_from, status=Status.ACTIVE).first()
    if earlier is None:
        return None
    try:
        return load(conf.artifacts_dir() / earlier.artifact_path).model
    except ArtifactCorrupt as error:
        # A live model that is broken must not keep a new one from being trained.
        logger.warning("trained afresh", extra={"solution_version": version.arn, "error": str(error)})
        return None


def _has_use_for_earlier(solution: Solution, model: Recommender) -> bool:
    if isinstance(model, Blend):
        return solution.training_budget_s is not None and any(part.trains_long for part in model.parts.values())
    return model.trains_long


def _say_network(model: Recommender) -> str:
    if not isinstance(model, Blend):
        return "The network is the whole model." if model.trains_long else "The recipe has no network."
    long = [name for name, part in model.parts.items() if part.trains_long]
    taking, reasons = model.taking_part(), model.why_left_out()
    said = [
        f"{name} takes part, with the weight {taking[name]:g}"
        if name in taking
        else f"{name} takes no part: {reasons[name]}"
        for name in long
    ]
    return f"{'; '.join(said)}." if said else "The recipe has no network."


def _say_warm_start(version: SolutionVersion, before: Recommender | None, model: Recommender) -> str:
    if before is None:
        return "It was trained afresh."
    if model.goes_on_:
        return f"The network went on from {version.warm_start_from}."
    return f"It was trained afresh; nothing of {version.warm_start_from} fitted."
