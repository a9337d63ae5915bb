"""Makes rotations, and lets them sleep: each is one recipe with a Maize/Blue pair of its own."""

import re
from collections.abc import Mapping, Sequence

from django.db import transaction

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.engine.exceptions import EngineError, ExtraMissing
from recommendations.engine.recipes import SHOPPER_RECIPES, parse_hyperparameters
from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.pipeline.runs import get_rotation
from recommendations.ports import Exploration
from recommendations.serving.rotations import forget_rotations

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
EMBEDDED = "embedded"
# What the engine takes as an age at most.
OLDEST_CUT_OFF_DAYS = 10_000
LONGEST_BUDGET_S = 86_400
# Amazon Personalize developer guide, "Quotas": five dataset groups; a pair needs two, and one more while it is deleted.
MAX_BILLED_PAIRS = 2


def ensure_rotation(
    key: str,
    slot: str,
    recipe: str,
    hyperparameters: Mapping[str, object] | None = None,
    *,
    backend: str = "",
) -> Rotation:
    """The rotation of this key, made where it is missing; nothing is live for it before its first retrain.

    Another recipe is another rotation: what is live under a key, and what an experiment compared, would otherwise not
    be told apart. Hyperparameters may change; the next retrain trains with them.

    Args:
        key: a slug of at most 40 characters; it never changes.
        slot: the place that it serves, a slug as well. Several rotations may serve one slot.
        recipe: Amazon Personalize's name.
        hyperparameters: numbers by name; the recipe's defaults where not given.
        backend: a name of the table of backends; RECOMMENDER_BACKEND where it is empty.

    Returns:
        The rotation, enabled where it is new.

    Raises:
        InvalidInput: a value is wrong, or the key is taken by another slot, recipe or backend; the message names the
            field and the fix.
    """
    given = dict(hyperparameters or {})
    backend = backend or conf.recommender_backend()
    check_rotation(key, slot, recipe, given, backend=backend)
    with transaction.atomic():
        rotation, is_new = Rotation.objects.select_for_update().get_or_create(
            key=key, defaults={"slot": slot, "recipe": recipe, "backend": backend, "hyperparameters": given}
        )
        if not is_new:
            _check_same(rotation, slot=slot, recipe=recipe, backend=backend)
            if rotation.hyperparameters != given:
                rotation.hyperparameters = given
                rotation.save(update_fields=["hyperparameters"])
    forget_rotations()
    return rotation


def check_rotation(
    key: str, slot: str, recipe: str, hyperparameters: Mapping[str, object], *, backend: str = ""
) -> None:
    """Refuse what no retrain could build.

    Raises:
        InvalidInput: the message names the field and the fix.
    """
    for name, value in (("key", key), ("slot", slot)):
        if not SLUG.fullmatch(value):
            raise InvalidInput(f"{name} == {value!r}; give small letters, digits and hyphens, 1 to 40 of them.")
    backend = backend or conf.recommender_backend()
    if get_backend(backend).bills:
        _check_room(key, backend)
        return
    if recipe not in SHOPPER_RECIPES:
        raise InvalidInput(f"recipe == {recipe!r}; use one of: {', '.join(SHOPPER_RECIPES)}.")
    try:
        parse_hyperparameters(SHOPPER_RECIPES[recipe], hyperparameters)
    except ExtraMissing as error:
        raise InvalidInput(f"recipe == {recipe!r}: {error}") from error
    except EngineError as error:
        raise InvalidInput(f"hyperparameters: {error}") from error


def _check_room(key: str, backend: str) -> None:
    others = list(Rotation.objects.filter(backend=backend).exclude(key=key).values_list("key", flat=True))
    if len(others) >= MAX_BILLED_PAIRS:
        raise InvalidInput(
            f"backend == {backend!r} has the rotations {', '.join(others)} already: an account has five dataset "
            "groups, of which two pairs and one on its way take all. Make this one on the embedded backend."
        )


def set_enabled(rotation_key: str, *, is_enabled: bool) -> Rotation:
    """Let a rotation's nights come, or end them; what is live for it stays as it is.

    Raises:
        InvalidInput: it is unknown, or to be disabled while something uses it; the message says what.
    """
    with transaction.atomic():
        get_rotation(rotation_key)
        rotation = Rotation.objects.select_for_update().get(key=rotation_key)
        uses = find_uses(rotation_key) if rotation.is_active and not is_enabled else ()
        if uses:
            raise InvalidInput(f"is_active: {rotation_key!r} is in use by {', '.join(uses)}; end that first.")
        rotation.is_active = is_enabled
        rotation.save(update_fields=["is_active"])
    forget_rotations()
    return rotation


def set_training_budget(rotation_key: str, budget_s: int | None) -> Rotation:
    """Let a rotation's trainings use so many CPU-seconds; the next retrain takes it.

    Args:
        rotation_key: of the rotation.
        budget_s: CPU-seconds, 0 for no limit; None for TRAINING_BUDGET_S.

    Raises:
        InvalidInput: the rotation is unknown, or the budget no number of seconds of a day.
    """
    if budget_s is not None and not 0 <= budget_s <= LONGEST_BUDGET_S:
        raise InvalidInput(f"training_budget_s == {budget_s!r}; give 0 to {LONGEST_BUDGET_S}, or nothing.")
    rotation = get_rotation(rotation_key)
    rotation.training_budget_s = budget_s
    rotation.save(update_fields=["training_budget_s"])
    return rotation


def set_exploration(rotation_key: str, exploration: Exploration) -> Rotation:
    """Let a rotation's campaigns explore new items so much; the next retrain takes it.

    Raises:
        InvalidInput: the rotation is unknown, or a number out of range; the message names the field and the fix.
    """
    for name, value, most in (
        ("exploration_weight", exploration.weight, 1),
        ("exploration_age_cut_off_days", exploration.age_cut_off_days, OLDEST_CUT_OFF_DAYS),
    ):
        if not 0 <= value <= most:
            raise InvalidInput(f"{name} == {value!r}; give a number from 0 to {most}.")
    rotation = get_rotation(rotation_key)
    rotation.exploration_weight = exploration.weight
    rotation.exploration_age_cut_off_days = exploration.age_cut_off_days
    rotation.save(update_fields=["exploration_weight", "exploration_age_cut_off_days"])
    return rotation


def find_uses(rotation_key: str) -> Sequence[str]:
    """What shows this rotation's campaign now, in words, by `ROTATION_USES`; empty where nothing does."""
    return conf.rotation_uses()(rotation_key)


def _check_same(rotation: Rotation, **wanted: str) -> None:
    for name, value in wanted.items():
        held = getattr(rotation, name)
        if held != value:
            raise InvalidInput(
                f"{name} == {value!r}, but rotation {rotation.key!r} has {held!r}, which stays; choose another key."
            )
