"""Which unit a shopper is in experiments, from an anonymous device to an account on several."""

import pytest
from django.conf import settings as project
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from experiments import exposures, ramp
from experiments.assignment import assign
from experiments.crossover import CrossoverShare
from experiments.links import crossover_share
from experiments.models import Experiment, Exposure, Phase, UnitLink
from experiments.testutils import reset_snapshot
from recommendations import shared_lists
from recommendations.events import cookie
from recommendations.models import KeyJoin, SharedList
from storefront.accounts.models import User
from storefront.row_experiments import EXPERIMENT
from storefront.world_setup import ensure_feature
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_brand, make_product_for_sale
from tests.factories.experiments import plan_experiment

pytestmark = pytest.mark.django_db
GPC = {"Sec-GPC": "1"}


class Device:
    """A browser of its own."""

    def __init__(self) -> None:
        self.client = Client()

    @property
    def key(self) -> str:
        visit = cookie.read(self.client.cookies["shopper"].value)
        assert visit is not None
        return visit.shopper_key

    def sees(self) -> str:
        """Looks at the homepage, with the cookie of an earlier page; the variation that it was exposed to."""
        self.client.get("/privacy/")
        self.client.get("/")
        found = assign(EXPERIMENT, self.key)
        assert Exposure.objects.filter(unit=self.key, is_merged=False).exists()
        return found.variation

    def sign_in(self, user: User, **headers: str) -> None:
        form = {"username": user.username, "password": PASSWORD}
        assert self.client.post("/accounts/sign-in/", form, headers=headers).status_code == 302

    def sign_out(self) -> None:
        self.client.post("/accounts/sign-out/")


def new_device(*, seeing: str) -> Device:
    """Devices get their keys by chance; the first one that sees this."""
    for _ in range(60):
        device = Device()
        if device.sees() == seeing:
            return device
    raise AssertionError(f"None of 60 devices sees {seeing}.")


@pytest.fixture(autouse=True)
def phase(settings: Settings) -> Phase:
    """Everybody is in the phase; exposures are written at once."""
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"
    exposures.memory.clear()
    skus = [make_product_for_sale(brand=make_brand(f"Brand {number}")).sku for number in range(26)]
    for key in (shared_lists.MOST_POPULAR, shared_lists.TRENDING):
        SharedList.objects.create(key=key, item_ids=skus, computed_at=project.CLOCK.now())
    ensure_feature(shipped=False)
    experiment = plan_experiment(Experiment.objects.get(key=EXPERIMENT))
    ramp.start(EXPERIMENT, coverage_bp=10_000, actor="ann", reason="test")
    reset_snapshot()
    return experiment.phases.get()


def read(unit: str) -> tuple[str, bool, bool]:
    """(variation, is it a crossover, is it counted under another unit)."""
    found = Exposure.objects.select_related("variation").get(unit=unit)
    return found.variation.key, found.is_crossover, found.is_merged


@pytest.mark.parametrize("seeing", ["control", "treatment"])
def test_joining_and_signing_out_change_nobodys_variation(phase: Phase, seeing: str) -> None:
    device = new_device(seeing=seeing)
    key = device.key

    form = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    device.client.post("/accounts/sign-up/", form)
    signed_in = (device.key, device.sees())
    device.sign_out()
    signed_out = (device.key, device.sees())

    assert signed_in == signed_out == (key, seeing)
    assert User.objects.get(username="ada").shopper_key == key
    assert not UnitLink.objects.exists()
    assert read(key) == (seeing, False, False)


def test_second_device_with_another_variation_gets_the_accounts_and_is_a_crossover(phase: Phase) -> None:
    user = make_user()
    first = new_device(seeing="treatment")
    first.sign_in(user)
    second = new_device(seeing="control")
    before, n_before = second.key, crossover_share(phase.pk).n_units

    second.sign_in(user)

    assert second.sees() == "treatment"
    assert second.key == first.key
    assert UnitLink.objects.get().from_unit == before
    assert read(before) == ("control", True, True)
    assert read(first.key) == ("treatment", True, False)
    assert crossover_share(phase.pk) == CrossoverShare(n_units=n_before - 1, n_crossover=1)


def test_second_device_with_the_same_variation_is_merged(phase: Phase) -> None:
    user = make_user()
    first = new_device(seeing="control")
    first.sign_in(user)
    second = new_device(seeing="control")
    before = second.key

    second.sign_in(user)

    assert second.sees() == "control"
    assert KeyJoin.objects.get().shopper_key == before
    assert KeyJoin.objects.get().heir_key == first.key
    assert read(before) == ("control", False, True)
    assert read(first.key) == ("control", False, False)


def test_a_shared_computers_people_are_not_one(phase: Phase) -> None:
    device = new_device(seeing="control")
    ada, bob = make_user(), make_user()
    device.sign_in(ada)
    device.sign_out()

    device.sign_in(bob)

    ada.refresh_from_db()
    bob.refresh_from_db()
    assert ada.shopper_key != bob.shopper_key == device.key
    assert not UnitLink.objects.exists()
    assert not KeyJoin.objects.exists()


def test_a_device_that_was_never_here_leaves_no_link(phase: Phase) -> None:
    user = make_user(shopper_key="a" * 32)

    Device().sign_in(user)

    assert not UnitLink.objects.exists()


def test_a_device_that_may_not_be_recorded_is_linked_once_it_may(phase: Phase) -> None:
    user = make_user(shopper_key="a" * 32)
    device = new_device(seeing="control")
    before = device.key

    device.sign_in(user, **GPC)
    while_refused = UnitLink.objects.count()
    device.client.post("/privacy/choice/", {"choice": "yes"})

    assert while_refused == 0
    assert UnitLink.objects.values_list("from_unit", "to_unit").get() == (before, "a" * 32)
    assert device.key == "a" * 32


def test_nobody_is_kept_from_signing_in_by_a_link_that_fails(
    phase: Phase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> bool:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("storefront.accounts.joining.link_units", fail)
    user = make_user(shopper_key="a" * 32)
    device = new_device(seeing="control")

    device.sign_in(user)

    assert device.key == "a" * 32
    assert "not linked" in caplog.text
