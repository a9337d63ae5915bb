"""Each test starts as a fresh process would: knowing no flag."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment, Flag
from experiments.testutils import reset_snapshot
from tests.factories.experiments import plan_experiment

KEY = "recommended-for-you"
FLAG = "recommended_for_you"
VARIATIONS = (
    VariationDefinition("control", "Old homepage", {"rule": "popular"}, is_control=True),
    VariationDefinition("treatment", "Recommended For You", {"slot": "home-recommended"}),
)


@pytest.fixture(autouse=True)
def fresh_snapshot() -> Iterator[None]:
    reset_snapshot()
    yield
    reset_snapshot()


@pytest.fixture(autouse=True)
def any_payload(settings: Settings) -> None:
    """The app alone: no project says what a payload may be."""
    settings.EXPERIMENT_PAYLOADS = None


@pytest.fixture
def experiment(db: None) -> Experiment:
    """A draft that may start."""
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    return plan_experiment(made)


@pytest.fixture
def running(experiment: Experiment) -> Experiment:
    """At a coverage of 60%."""
    ramp.start(KEY, coverage_bp=6000, actor="ann", reason="first look")
    return experiment


@pytest.fixture
def set_everyone() -> Callable[[bool | None], None]:
    def set_flag(value: bool | None) -> None:
        Flag.objects.filter(name=FLAG).update(everyone=value)
        reset_snapshot()

    return set_flag


@pytest.fixture
def sign_in(client: Client) -> Callable[..., Client]:
    """A staff member with these permissions of the experiments app."""

    def sign_staff_in(*codenames: str) -> Client:
        user = get_user_model().objects.create_user("ann", password="x", is_staff=True)
        found = Permission.objects.filter(content_type__app_label="experiments", codename__in=codenames)
        user.user_permissions.set(found)
        client.force_login(user)
        return client

    return sign_staff_in
