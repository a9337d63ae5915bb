import pytest
from django.test import Client
from django.urls import reverse

from storefront.accounts.models import User
from storefront.accounts.profile import DOORS
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_profile_leads_to_everything_that_is_the_accounts(client: Client) -> None:
    client.force_login(make_user(username="ada"))

    page = client.get("/accounts/").content.decode()

    assert "<h1>ada</h1>" in page
    assert all(f'href="{reverse(door.route)}"' in page for door in DOORS)


def test_profile_keeps_an_address_for_whoever_knows_the_password(client: Client) -> None:
    user = make_user(email="old@example.com")
    client.force_login(user)

    answer = client.post("/accounts/", {"email": "Ada@EXAMPLE.com", "password": PASSWORD}, follow=True)

    user.refresh_from_db()
    assert user.email == "Ada@example.com"
    assert "Your e-mail address is saved." in answer.content.decode()


def test_profile_takes_the_address_away(client: Client) -> None:
    user = make_user(email="old@example.com")
    client.force_login(user)

    client.post("/accounts/", {"email": "", "password": PASSWORD})

    user.refresh_from_db()
    assert user.email == ""


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "new@example.com", "password": "wrong"}, "This is not your password"),
        ({"email": "new@example.com"}, "required"),
        ({"email": "new@", "password": PASSWORD}, "not an e-mail address"),
    ],
)
def test_profile_keeps_the_address_and_names_what_is_wrong(client: Client, form: dict[str, str], words: str) -> None:
    user = make_user(email="old@example.com")
    client.force_login(user)

    answer = client.post("/accounts/", form)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert User.objects.get(pk=user.pk).email == "old@example.com"


def test_sign_up_takes_an_address_and_does_without_one(client: Client) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD}

    client.post("/accounts/sign-up/", {**form, "username": "ada", "email": "ada@example.com"})
    Client().post("/accounts/sign-up/", {**form, "username": "bea"})

    assert dict(User.objects.values_list("username", "email")) == {"ada": "ada@example.com", "bea": ""}


def test_mail_about_orders_is_on_until_it_is_switched_off_and_returns_when_asked(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    first = client.get("/accounts/").content.decode()

    off = client.post("/accounts/mail/", follow=True).content.decode()
    user.refresh_from_db()
    was_off = user.order_mail
    client.post("/accounts/mail/", {"order_mail": "on"})
    user.refresh_from_db()

    assert 'name="order_mail" checked' in first
    assert 'name="order_mail" checked' not in off
    assert "Your choice about mail is saved." in off
    assert (was_off, user.order_mail) == (False, True)
