import pytest
from django.test import RequestFactory
from waffle import flag_is_active

from experiments.assignment import Reason, assign
from experiments.models import Experiment
from experiments.testutils import force_variation
from tests.experiments.conftest import FLAG, KEY


def test_force_variation_overrules_everything(experiment: Experiment) -> None:
    with force_variation(KEY, "treatment"):
        found = assign(KEY, "shopper-1", is_bot=True)
        is_active = flag_is_active(RequestFactory().get("/"), FLAG)

    assert (found.variation, found.reason, dict(found.payload)) == (
        "treatment",
        Reason.FORCED,
        {"slot": "home-recommended"},
    )
    assert is_active
    assert not found.is_analysed
    assert assign(KEY, "shopper-1").reason == Reason.OFF


def test_force_variation_nests_and_works_as_a_decorator(experiment: Experiment) -> None:
    @force_variation(KEY, "control")
    def find() -> str:
        with force_variation(KEY, "treatment"):
            inner = assign(KEY, "x").variation
        return f"{inner} {assign(KEY, 'x').variation}"

    assert find() == "treatment control"


def test_force_variation_refuses_an_unknown_variation(experiment: Experiment) -> None:
    with force_variation(KEY, "tretment"), pytest.raises(ValueError, match="has no variation 'tretment'"):
        assign(KEY, "shopper-1")
