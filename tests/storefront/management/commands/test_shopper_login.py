from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from recommendations.events.ids import uuid7
from recommendations.events.partitions import ensure_current
from recommendations.models import Interaction
from storefront.accounts.links import read_link_token
from storefront.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def shopper_17841(settings: Settings) -> None:
    now = settings.CLOCK.now()
    ensure_current()
    Interaction.objects.create(
        event_id=uuid7(now),
        shopper_key="17841",
        item_id="1",
        event_type="purchase",
        occurred_at=now,
        received_at=now,
    )


def link_of(shopper_key: str) -> str:
    out = StringIO()
    call_command("shopper_login", shopper_key, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


@pytest.mark.usefixtures("shopper_17841")
def test_shopper_login_makes_an_account_that_only_links_open() -> None:
    link = link_of("17841")

    user = read_link_token(link.rstrip("/").rpartition("/")[2])
    assert user is not None
    assert (user.username, user.shopper_key, user.has_usable_password()) == ("shopper-17841", "17841", False)
    assert not user.is_staff


@pytest.mark.usefixtures("shopper_17841")
def test_shopper_login_twice_is_one_account() -> None:
    link_of("17841")

    link_of("17841")

    assert User.objects.filter(shopper_key="17841").count() == 1


@pytest.mark.usefixtures("shopper_17841")
def test_shopper_login_of_an_unknown_shopper_names_a_known_one() -> None:
    with pytest.raises(CommandError, match="knows no shopper '99': give one that has interactions, such as 17841"):
        link_of("99")

    assert not User.objects.exists()


@pytest.mark.usefixtures("shopper_17841")
def test_shopper_login_obeys_its_switch(settings: Settings) -> None:
    settings.SHOPPER_LOGIN = False

    with pytest.raises(CommandError, match="SHOPPER_LOGIN=true"):
        link_of("17841")


@pytest.mark.usefixtures("shopper_17841")
def test_shopper_login_does_not_take_over_an_account_of_that_name() -> None:
    User.objects.create_user("shopper-17841", password="a-password-of-its-own")

    with pytest.raises(CommandError, match="rename it"):
        link_of("17841")
