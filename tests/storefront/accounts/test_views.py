from datetime import timedelta

import pytest
from django.core.signing import TimestampSigner
from django.test import Client
from pytest_django import Settings

from storefront.accounts.links import MAX_AGE_S, SALT, make_link_token
from storefront.accounts.models import User
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_sign_up_makes_an_account_that_is_signed_in_and_owns_the_devices_key(client: Client) -> None:
    client.get("/privacy/")
    form = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD, "next": "/orders/"}

    answer = client.post("/accounts/sign-up/", form)

    user = User.objects.get(username="ada")
    assert answer["Location"] == "/orders/"
    assert is_signed_in(client)
    assert user.shopper_key
    assert user.shopper_key in client.cookies["shopper"].value


def test_sign_up_says_that_a_name_is_taken(client: Client) -> None:
    make_user(username="ada")
    form = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}

    page = client.post("/accounts/sign-up/", form).content.decode()

    assert "Somebody has this name already" in page


def test_sign_in_adopts_the_key_once_and_follows_the_account_to_another_device() -> None:
    user = make_user()
    phone, desk = Client(), Client()

    for device in (phone, desk):
        device.get("/privacy/")
        device.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})

    user.refresh_from_db()
    assert user.shopper_key
    assert all(user.shopper_key in device.cookies["shopper"].value for device in (phone, desk))


def test_sign_in_with_a_wrong_password_says_so_and_signs_nobody_in(client: Client) -> None:
    user = make_user()

    page = client.post("/accounts/sign-in/", {"username": user.username, "password": "wrong"}).content.decode()

    assert "do not belong together" in page
    assert not is_signed_in(client)


def test_sign_in_never_leads_off_the_site(client: Client) -> None:
    user = make_user()
    form = {"username": user.username, "password": PASSWORD, "next": "https://elsewhere.example/"}

    answer = client.post("/accounts/sign-in/", form)

    assert answer["Location"] == "/"


def test_sign_out_takes_a_post(client: Client) -> None:
    client.force_login(make_user())

    refused, done = client.get("/accounts/sign-out/"), client.post("/accounts/sign-out/")

    assert (refused.status_code, done.status_code) == (405, 302)
    assert not is_signed_in(client)


def test_sign_out_keeps_the_devices_key_so_that_no_variation_flips(client: Client) -> None:
    user = make_user()
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})

    client.post("/accounts/sign-out/")

    user.refresh_from_db()
    assert user.shopper_key
    assert user.shopper_key in client.cookies["shopper"].value


def test_enter_asks_first_and_signs_in_on_post(client: Client) -> None:
    user = make_user(username="17841")
    address = f"/accounts/enter/{make_link_token(user)}/"

    page = client.get(address).content.decode()
    before = is_signed_in(client)
    answer = client.post(address)

    assert "Sign in as 17841?" in page
    assert not before
    assert answer["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_enter_refuses_links_that_are_old_forged_or_of_closed_accounts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, closed = make_user(), make_user(is_active=False)
    fresh = make_link_token(user)
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "timestamp", lambda _self: "1")
        old = TimestampSigner(salt=SALT).sign(str(user.pk))

    statuses = [
        client.post(f"/accounts/enter/{token}/").status_code for token in (old, fresh + "x", make_link_token(closed))
    ]

    assert statuses == [410, 410, 410]
    assert timedelta(seconds=MAX_AGE_S) == timedelta(days=1)
    assert not is_signed_in(client)


def test_enter_does_not_exist_where_links_are_switched_off(client: Client, settings: Settings) -> None:
    settings.SHOPPER_LOGIN = False

    answer = client.post(f"/accounts/enter/{make_link_token(make_user())}/")

    assert answer.status_code == 404
    assert not is_signed_in(client)
