from dataclasses import replace
from typing import Any

import pytest

from experiments import ramp
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exceptions import DefinitionFrozen
from experiments.models import Experiment, Flag, Variation
from tests.experiments.conftest import FLAG, KEY, VARIATIONS

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
CONTROL, TREATMENT = VARIATIONS
OTHER_PAYLOAD = (CONTROL, replace(TREATMENT, payload={"slot": "another"}))


def ensure(variations: tuple[VariationDefinition, ...], **changed: str) -> Experiment:
    names = {"key": KEY, "name": "Recommended For You", "flag_name": FLAG, **changed}
    return ensure_experiment(**names, variations=variations)


def test_ensure_experiment_is_safe_to_repeat(experiment: Experiment) -> None:
    before = list(Variation.objects.values())

    again = ensure(VARIATIONS)

    assert again == experiment
    assert list(Variation.objects.values()) == before
    assert Flag.objects.count() == 1


def test_ensure_experiment_follows_the_code_until_the_first_phase(experiment: Experiment) -> None:
    third = VariationDefinition("third", "Third")

    ensure((*OTHER_PAYLOAD, third), name="Renamed")

    assert Experiment.objects.get().name == "Renamed"
    assert list(Variation.objects.values_list("key", "payload")) == [
        ("control", {"rule": "popular"}),
        ("treatment", {"slot": "another"}),
        ("third", {}),
    ]


def test_ensure_experiment_refuses_another_payload_while_running(running: Experiment) -> None:
    with pytest.raises(DefinitionFrozen, match="open phase"):
        ensure(OTHER_PAYLOAD)


def test_ensure_experiment_refuses_other_variations_once_seen(running: Experiment) -> None:
    ramp.stop(KEY, **WHO)

    with pytest.raises(DefinitionFrozen, match="seen by shoppers"):
        ensure((CONTROL, replace(TREATMENT, key="another")))


def test_ensure_experiment_updates_what_a_shipped_variation_does(experiment: Experiment) -> None:
    ramp.ship(KEY, **WHO)
    shipped = Experiment.objects.get().shipped

    ensure(OTHER_PAYLOAD)

    assert Experiment.objects.get().shipped == shipped
    assert Variation.objects.get(key="treatment").payload == {"slot": "another"}


def test_ensure_experiment_refuses_another_flag(experiment: Experiment) -> None:
    with pytest.raises(DefinitionFrozen, match="another flag"):
        ensure(VARIATIONS, flag_name="another")


@pytest.mark.parametrize(
    ("variations", "message"),
    [
        ((CONTROL,), "at least 2"),
        ((CONTROL, CONTROL), "a key twice"),
        ((TREATMENT, replace(TREATMENT, key="b")), "exactly one"),
        ((CONTROL, replace(TREATMENT, is_control=True)), "exactly one"),
    ],
)
def test_ensure_experiment_names_the_fault(db: None, variations: tuple[VariationDefinition, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ensure(variations)
