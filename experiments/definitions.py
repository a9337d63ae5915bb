"""Declares an experiment in code: its flag, its variations and what each of them means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from experiments.exceptions import DefinitionFrozen
from experiments.models import Experiment, Flag, Variation
from experiments.snapshot import expire_snapshot


@dataclass(frozen=True, slots=True)
class VariationDefinition:
    """One variation; exactly one of an experiment's is control."""

    key: str
    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    is_control: bool = False


@transaction.atomic
def ensure_experiment(*, key: str, name: str, flag_name: str, variations: Sequence[VariationDefinition]) -> Experiment:
    """Create the experiment with its flag and variations, or bring names and payloads up to date; safe to repeat.

    Nobody sees a new experiment until it is started or shipped.

    Args:
        key: What the code asks for; a slug.
        name: What people read.
        flag_name: The waffle flag in front of it, created when missing; one flag serves one experiment.
        variations: At least two, one of them control, in the order their weights will be hashed.

    Returns:
        The experiment.

    Raises:
        ValueError: Fewer than two variations, a key twice, or not exactly one control.
        DefinitionFrozen: `definition_frozen`: a phase was started and the variations' keys, order or payloads differ.
    """
    _check_variations(variations)
    flag, _ = Flag.objects.get_or_create(name=flag_name)
    experiment, is_new = Experiment.objects.select_for_update().get_or_create(
        key=key, defaults={"name": name, "flag": flag}
    )
    if experiment.flag_id != flag.pk:
        raise DefinitionFrozen(f"Experiment {key!r} stands behind another flag than {flag_name!r}. Keep its flag.")
    if not is_new and experiment.name != name:
        experiment.name = name
        experiment.save(update_fields=["name"])
    if _read_definition(experiment) != tuple(variations):
        _replace_variations(experiment, variations)
    transaction.on_commit(expire_snapshot)
    return experiment


def _check_variations(variations: Sequence[VariationDefinition]) -> None:
    keys = [variation.key for variation in variations]
    if len(keys) < 2:
        raise ValueError(f"variations has {len(keys)} entries, must have at least 2.")
    if len(set(keys)) != len(keys):
        raise ValueError(f"variations names a key twice: {keys}.")
    if sum(variation.is_control for variation in variations) != 1:
        raise ValueError("variations must have exactly one with is_control=True.")


def _read_definition(experiment: Experiment) -> tuple[VariationDefinition, ...]:
    return tuple(
        VariationDefinition(key=row.key, name=row.name, payload=row.payload, is_control=row.is_control)
        for row in experiment.variations.all()
    )


def _replace_variations(experiment: Experiment, variations: Sequence[VariationDefinition]) -> None:
    """Rewrite the variations in place, so that one that is shipped stays the same row."""
    stored = {row.key: row for row in experiment.variations.all()}
    is_frozen = experiment.phases.exists() or experiment.shipped_id is not None
    if is_frozen and [row.key for row in experiment.variations.all()] != [one.key for one in variations]:
        raise DefinitionFrozen(
            f"Experiment {experiment.key!r} has been seen by shoppers: its variations and their order stay "
            f"{list(stored)}. Make another experiment."
        )
    if experiment.phases.filter(ended_at__isnull=True).exists() and any(
        stored[one.key].payload != dict(one.payload) or stored[one.key].is_control != one.is_control
        for one in variations
    ):
        raise DefinitionFrozen(
            f"Experiment {experiment.key!r} has an open phase: what its variations do stays. End the phase first."
        )
    if is_frozen:
        for one in variations:
            experiment.variations.filter(key=one.key).update(
                name=one.name, payload=dict(one.payload), is_control=one.is_control
            )
        return
    experiment.variations.all().delete()
    Variation.objects.bulk_create(
        Variation(
            experiment=experiment,
            key=one.key,
            name=one.name,
            payload=dict(one.payload),
            is_control=one.is_control,
            position=position,
        )
        for position, one in enumerate(variations)
    )
