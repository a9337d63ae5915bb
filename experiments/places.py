"""One place on the page, one experiment: what keeps two from handing shoppers over to each other."""

from django.db import connection

from experiments.hooks import find_place
from experiments.models import Design, Experiment

# An A/A test beside an experiment decides on nothing: its key is the experiment's, this and a number.
SHADOW_SUFFIX = "-aa-"
# Any number that nobody else of the database locks by.
LOCK = 7_218_504_611


def is_shadow(experiment: Experiment) -> bool:
    """Whether it stands beside another experiment and shows nothing of its own."""
    return SHADOW_SUFFIX in experiment.key and experiment.design == Design.AA


def find_rivals(experiment: Experiment) -> list[Experiment]:
    """Experiments with an open phase that decide on the same place of the page, in no layer together with this one.

    Where two of these ramp, the one that is asked first takes shoppers from the other as its share grows: its rival's
    units change what they see, for a reason that is no chance. A common layer gives each its own units.

    Args:
        experiment: One that is to start.
    """
    places = _find_places(experiment)
    if not places or is_shadow(experiment):
        return []
    others = Experiment.objects.filter(phases__ended_at__isnull=True, phases__isnull=False).exclude(pk=experiment.pk)
    if experiment.layer_id is not None:
        others = others.exclude(layer_id=experiment.layer_id)
    others = others.prefetch_related("variations").order_by("key")
    return [other for other in others if not is_shadow(other) and places & _find_places(other)]


def lock_places() -> None:
    """Let no two experiments start at once, or neither would see the other; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _find_places(experiment: Experiment) -> frozenset[str]:
    found = {find_place(variation.payload, experiment.design) for variation in experiment.variations.all()}
    return frozenset(found - {""})
