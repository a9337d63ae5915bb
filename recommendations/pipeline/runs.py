"""Begins retrain runs: at most one active run a rotation."""

from datetime import datetime

from django.db import IntegrityError, transaction

from recommendations import conf
from recommendations.exceptions import InvalidInput
from recommendations.models import Colour, Deployment, LiveCampaign, RetrainRun, Rotation

DEFAULT_ROTATION = "home"
DEFAULT_SLOT = "home-recommended"


def ensure_default_rotation() -> Rotation:
    """Return the rotation of the homepage's row, made where it is missing; an admin's changes stay."""
    backend = conf.recommender_backend()
    recipe = conf.personalize_recipe() if backend == "personalize" else "aws-user-personalization"
    rotation, _ = Rotation.objects.get_or_create(
        key=DEFAULT_ROTATION, defaults={"slot": DEFAULT_SLOT, "recipe": recipe, "backend": backend}
    )
    return rotation


def get_rotation(key: str) -> Rotation:
    """Return a rotation by its key.

    Raises:
        InvalidInput: there is none; the message lists those there are.
    """
    rotation = Rotation.objects.filter(key=key).first()
    if rotation is None:
        known = ", ".join(Rotation.objects.values_list("key", flat=True))
        told = f"there are: {known}" if known else "there is none yet, manage.py retrain makes the first"
        raise InvalidInput(f"rotation {key!r} is unknown; {told}.")
    return rotation


def active_run(rotation: Rotation) -> RetrainRun | None:
    """Return the run of the rotation that has not ended, or None."""
    return RetrainRun.objects.filter(rotation=rotation, finished_at__isnull=True).first()


def start_run(rotation: Rotation) -> RetrainRun:
    """Return the rotation's active run, begun on its dormant side where there is none.

    Args:
        rotation: what to rebuild.

    Returns:
        The one active run, whoever began it.
    """
    running = active_run(rotation)
    if running is not None:
        return running
    try:
        with transaction.atomic():
            return begin_run(rotation)
    except IntegrityError:
        # Someone else began it at the same moment: the constraint lets one through.
        return RetrainRun.objects.filter(rotation=rotation).latest("pk")


def begin_run(rotation: Rotation, *, night_at: datetime | None = None) -> RetrainRun:
    """Make the row of a new run on the dormant side.

    Args:
        rotation: what to rebuild.
        night_at: the night that begins it; None where somebody asked for it.

    Raises:
        IntegrityError: a run of the rotation is active, or the night has had its run.
    """
    for colour in Colour:
        Deployment.objects.get_or_create(rotation=rotation, colour=colour)
    now = conf.now()
    return RetrainRun.objects.create(
        rotation=rotation, colour=dormant_colour(rotation), night_at=night_at, created_at=now, updated_at=now
    )


def dormant_colour(rotation: Rotation) -> Colour:
    """Return the colour that is not live; Maize where nothing is."""
    live = LiveCampaign.objects.select_related("deployment").filter(rotation=rotation).first()
    return Colour(live.deployment.colour).other if live is not None else Colour.MAIZE
