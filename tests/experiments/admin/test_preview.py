import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django.fixtures import Settings

from experiments import exposures, overrides
from experiments.assignment import assign
from experiments.conf import now
from experiments.models import Experiment, Exposure
from tests.experiments.admin.conftest import RAMPER, read
from tests.experiments.conftest import KEY

SignIn = Callable[..., Client]
URL = "admin:experiments_experiment_preview"

pytestmark = pytest.mark.urls("tests.experiments.urls")


def find_enrolled() -> str:
    return next(f"shopper-{n}" for n in range(1000) if assign(KEY, f"shopper-{n}").is_analysed)


def test_preview_tells_the_walk_of_a_shopper_key(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")
    unit = find_enrolled()

    html = read(client.get(reverse(URL), {"who": unit}))

    for told in (f"Hashed as {unit}.", "In the test at this coverage.", "Counted in the results.", "in_phase"):
        assert told in html
    assert re.search(r"bucket \d+, limits 0 to 6000", html)
    assert not Exposure.objects.exists()


@pytest.mark.parametrize("who", ["bob", "Bob@Example.com", "key-of-bob"])
def test_preview_finds_an_account_by_name_address_and_key(running: Experiment, sign_in: SignIn, who: str) -> None:
    bob = get_user_model().objects.create_user("bob", "bob@example.com", "x", shopper_key="key-of-bob")
    running.flag.users.add(bob)
    client = sign_in("view_experiment")

    html = read(client.get(reverse(URL), {"who": who}))

    assert "Shopper key key-of-bob" in html
    assert "The flag names this person: treatment. Not analysed." in html


def test_preview_answers_under_what_it_is_told(running: Experiment, sign_in: SignIn, settings: Settings) -> None:
    settings.EXPERIMENT_ATTRIBUTES = {"device": ("phone", "desktop")}
    client = sign_in("view_experiment")

    bot = read(client.get(reverse(URL), {"who": "x", "bot": "on"}))
    private = read(client.get(reverse(URL), {"who": "x", "no_consent": "on", "is_device": "phone"}))

    assert "A bot: control." in bot
    assert "Has not agreed to be tracked: control." in private
    assert '<option value="phone" selected>' in private


def test_preview_shows_what_somebody_was_shown(running: Experiment, sign_in: SignIn) -> None:
    unit = find_enrolled()
    exposures.record(assign(KEY, unit), unit, at=now())
    exposures.insert(
        [exposures.Exposed(unit, running.phases.get().pk, assign(KEY, unit).variation, now(), is_forced=False)]
    )
    client = sign_in("view_experiment")

    shown = read(client.get(reverse(URL), {"who": unit}))
    nothing = read(client.get(reverse(URL), {"who": "somebody-else"}))

    assert "Recommended For You, phase 1:" in shown
    assert "Nothing of any experiment so far." in nothing


def test_link_for_testers_is_signed_for_its_variation(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER)

    html = read(client.get(reverse(URL), {"variation": f"{KEY}:treatment", "hours": "2"}))

    found = re.search(rf"\?xp_{KEY}=([^\"&]+)", html)
    assert found is not None
    assert overrides.verify(KEY, found[1]).variation == "treatment"


@pytest.mark.parametrize(("hours", "told"), [("0", "greater than or equal to 0.1"), ("9999", "less than or equal")])
def test_link_for_testers_lasts_no_longer_than_allowed(
    running: Experiment, sign_in: SignIn, hours: str, told: str
) -> None:
    client = sign_in(*RAMPER)

    html = read(client.get(reverse(URL), {"variation": f"{KEY}:treatment", "hours": hours}))

    assert escape(told) in html
    assert 'xp-link" type' not in html


def test_link_for_testers_needs_the_permission_to_ramp(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    html = read(client.get(reverse(URL), {"variation": f"{KEY}:treatment", "hours": "2"}))

    assert "A link for testers" not in html
    assert "xp_recommended" not in html


def test_preview_is_for_those_who_may_see_experiments(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_flag")

    response = client.get(reverse(URL), {"who": "x"})

    assert response.status_code == 403


def test_preview_escapes_what_was_typed(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    html = read(client.get(reverse(URL), {"who": "<script>alert(1)</script>"}))

    assert "<script>alert" not in html
