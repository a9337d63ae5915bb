"""What shows a rotation's campaign: the homepage's own slot, other pages, and experiments that shoppers are in."""

from experiments.models import Status, Variation
from recommendations.pipeline.runs import DEFAULT_ROTATION, DEFAULT_SLOT
from storefront.page_rotations import PLACES
from storefront.second_row.payloads import FromRotation, read_payload

# Shoppers may be given its variations, now or after the next click; a draft's start checks its campaigns anyway.
POSSIBLE = (
    Status.SCHEDULED,
    Status.RUNNING,
    Status.HELD,
    Status.ROLLED_BACK,
    Status.COMPLETED,
    Status.SHIPPED,
)


def find_uses(rotation_key: str) -> list[str]:
    """The uses in words.

    Args:
        rotation_key: of which rotation.
    """
    uses = [f"the slot {DEFAULT_SLOT}"] if rotation_key == DEFAULT_ROTATION else []
    uses += [PLACES[rotation_key]] if rotation_key in PLACES else []
    variations = Variation.objects.select_related("experiment").order_by("experiment__key", "position")
    shown = (one for one in variations.filter(experiment__status__in=POSSIBLE) if _is_shown(one))
    uses += [
        f"variation {one.key} of {one.experiment.key}"
        for one in shown
        if read_payload(one.payload) == FromRotation(rotation_key)
    ]
    return uses


def _is_shown(variation: Variation) -> bool:
    experiment = variation.experiment
    if experiment.status == Status.SHIPPED:
        return experiment.shipped_id == variation.pk
    return experiment.status != Status.COMPLETED or experiment.find_open_phase() is not None
