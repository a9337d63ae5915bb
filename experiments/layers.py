"""Shares out a layer's 10,000 buckets, so that no unit is ever in two experiments of one layer."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from experiments.bucketing import BUCKETS
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment, Layer, Phase
from experiments.models.experiments import SLOT_OWNERS

Slots = tuple[int, int]


def claim_slots(experiment: Experiment) -> Slots | None:
    """Give an experiment its slots, for as long as it is not archived; claiming again changes nothing.

    All of the slots stay its own, whatever its coverage: a later ramp must find them free. Call it in the transaction
    that starts the experiment, with the experiment locked, and before its phase is opened.

    Args:
        experiment: Its `layer_start` and `layer_stop` say which buckets it wants; without, it gets the widest that are
            free in one piece. The row is saved.

    Returns:
        [start, stop) of its buckets, or None where it is in no layer.

    Raises:
        IllegalRamp: `slots_taken`: another experiment owns some of the buckets; `layer_full`: none is free.
    """
    if experiment.layer_id is None:
        return None
    layer = Layer.objects.select_for_update().get(pk=experiment.layer_id)
    owners = _find_owners(layer, experiment)
    free = find_gaps((start, stop) for _, start, stop in owners)
    wanted = _read_wish(experiment)
    if wanted is None:
        if not free:
            names = ", ".join(sorted(key for key, _, _ in owners))
            raise IllegalRamp("layer_full", f"layer: {layer.key!r} has no free bucket ({names}). Archive one of these.")
        # The first of the widest ones.
        wanted = max(free, key=lambda gap: (gap[1] - gap[0], -gap[0]))
    elif not any(start <= wanted[0] and wanted[1] <= stop for start, stop in free):
        raise IllegalRamp("slots_taken", _explain_taken(layer, wanted, owners, free))
    if _read_wish(experiment) != wanted:
        experiment.layer_start, experiment.layer_stop = wanted
        experiment.save(update_fields=["layer_start", "layer_stop"])
    return wanted


def release_slots(experiment: Experiment) -> None:
    """Give the slots back to the layer; only once its phase has ended, since the database refuses it before.

    Call it in the transaction that archives the experiment, with the experiment locked.

    Args:
        experiment: The row is saved; one that owns no slots stays as it is.
    """
    if experiment.layer_id is None or experiment.layer_start is None:
        return
    Layer.objects.select_for_update().get(pk=experiment.layer_id)
    experiment.layer_start = experiment.layer_stop = None
    experiment.save(update_fields=["layer_start", "layer_stop"])


def find_free(layer: Layer) -> tuple[Slots, ...]:
    """The layer's buckets that no experiment owns, as [start, stop), in order."""
    return find_gaps((start, stop) for _, start, stop in _find_owners(layer, None))


def find_gaps(taken: Iterable[Slots]) -> tuple[Slots, ...]:
    """What is left of 0..10,000 between ranges [start, stop) that may touch but do not overlap, in order."""
    gaps, reached = [], 0
    for start, stop in [*sorted(taken), (BUCKETS, BUCKETS)]:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, stop)
    return tuple(gaps)


def _find_owners(layer: Layer, other_than: Experiment | None) -> list[tuple[str, int, int]]:
    """(key, start, stop) of the experiments that own slots; what a draft names is only a wish."""
    is_open = Exists(Phase.objects.filter(experiment=OuterRef("pk"), ended_at__isnull=True))
    found = layer.experiments.filter(Q(status__in=SLOT_OWNERS) | is_open, layer_start__isnull=False)
    if other_than is not None:
        found = found.exclude(pk=other_than.pk)
    rows = found.order_by("layer_start").values_list("key", "layer_start", "layer_stop")
    # The database keeps start and stop together.
    return [(key, start, stop) for key, start, stop in rows if start is not None and stop is not None]


def _read_wish(experiment: Experiment) -> Slots | None:
    if experiment.layer_start is None or experiment.layer_stop is None:
        return None
    return experiment.layer_start, experiment.layer_stop


def _explain_taken(layer: Layer, wanted: Slots, owners: list[tuple[str, int, int]], free: tuple[Slots, ...]) -> str:
    holders = ", ".join(key for key, start, stop in owners if start < wanted[1] and wanted[0] < stop)
    ranges = ", ".join(f"{start} to {stop}" for start, stop in free) or "none"
    return (
        f"layer_start, layer_stop: buckets {wanted[0]} to {wanted[1]} of {layer.key!r} belong in part to {holders}. "
        f"Free: {ranges}."
    )
