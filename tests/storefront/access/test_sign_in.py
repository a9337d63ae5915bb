"""Signing in: hashes that cost, a lockout that is no oracle, and a door that stays shut while nobody can count."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from storefront.access import counting
from storefront.access.limits import Limit, read_limits
from storefront.access.lockout import FAILURES, LOCKED_FOR
from storefront.accounts.models import User
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/accounts/sign-in/"


def sign_in(name: str, password: str, address: str = "192.0.2.1", path: str = ADDRESS) -> HttpResponse:
    return Client(REMOTE_ADDR=address).post(path, {"username": name, "password": password})  # type: ignore[return-value]


@pytest.fixture
def unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"sign_in": 10_000})


@pytest.fixture
def no_valkey(settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/at-all.sock"


def test_new_password_is_an_argon2id_hash_that_costs_memory() -> None:
    ann = User.objects.create_user("ann", password=PASSWORD)

    assert ann.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_older_hash_opens_and_is_renewed() -> None:
    old = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    ann = User.objects.create(username="ann", password=old)

    answer = sign_in("ann", PASSWORD)

    ann.refresh_from_db()
    assert answer.status_code == 302
    assert ann.password.startswith("argon2")


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("path", [ADDRESS, "/admin/login/"])
def test_name_is_locked_after_five_wrong_passwords(path: str) -> None:
    make_user("ann", is_staff=True)

    wrong = [sign_in("ann", f"wrong {n}", path=path) for n in range(FAILURES)]
    right = sign_in("ann", PASSWORD, path=path)

    assert [answer.status_code for answer in wrong] == [200] * (FAILURES - 1) + [429]
    assert (right.status_code, right["Retry-After"]) == (429, "900")
    assert "15 minutes" in right.content.decode()
    assert "/accounts/password/lost/" in right.content.decode()
    assert "Content-Security-Policy" in right


@pytest.mark.usefixtures("unlimited")
def test_lock_is_of_one_name_in_one_network() -> None:
    make_user("ann")
    make_user("bob")
    for n in range(FAILURES):
        sign_in("ann", f"wrong {n}")

    neighbour = sign_in("ann", PASSWORD, "192.0.2.200")
    elsewhere = sign_in("ann", PASSWORD, "198.51.100.1")
    other = sign_in("bob", PASSWORD)

    assert [answer.status_code for answer in (neighbour, elsewhere, other)] == [429, 302, 302]


@pytest.mark.usefixtures("unlimited")
def test_lock_ends_by_itself_and_guessing_on_does_not_lengthen_it() -> None:
    make_user("ann")
    for n in range(FAILURES + 3):
        sign_in("ann", f"wrong {n}")
    (attempt,) = AccessAttempt.objects.all()

    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - LOCKED_FOR - timedelta(seconds=1))

    assert attempt.failures_since_start == FAILURES
    assert sign_in("ann", PASSWORD).status_code == 302


@pytest.mark.usefixtures("unlimited")
def test_right_password_forgets_the_wrong_ones() -> None:
    make_user("ann")
    for n in range(FAILURES - 1):
        sign_in("ann", f"wrong {n}")

    sign_in("ann", PASSWORD)

    assert not AccessAttempt.objects.exists()


@pytest.mark.usefixtures("unlimited")
def test_unknown_name_is_answered_and_locked_like_a_known_one() -> None:
    make_user("ann")

    known = [sign_in("ann", f"wrong {n}") for n in range(FAILURES + 1)]
    unknown = [sign_in("nobody", f"wrong {n}") for n in range(FAILURES + 1)]

    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert known[-1].content == unknown[-1].content
    assert "do not belong together" in unknown[0].content.decode()


@pytest.mark.usefixtures("unlimited")
def test_rows_of_attempts_hold_no_password_and_no_whole_address() -> None:
    sign_in("ann", "my secret of all", "203.0.113.77")

    (attempt,) = AccessAttempt.objects.values()
    text = " ".join(str(value) for value in attempt.values())
    assert attempt["ip_address"] == "203.0.113.0"
    assert "secret" not in text
    assert "113.77" not in text


def test_sixth_try_within_a_minute_waits_whatever_the_password() -> None:
    make_user("ann")

    answers = [sign_in(name, PASSWORD) for name in ("ann", "Ann ", "ANN", "ann", "ann", "ann")]

    assert [answer.status_code for answer in answers][-2:] == [302, 429]
    assert int(answers[-1]["Retry-After"]) <= 12


def test_address_has_a_share_over_all_names(settings: Settings) -> None:
    make_user("ann")
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": Limit("sign_in", 5, 2)}

    tried = [Client(REMOTE_ADDR="192.0.2.1").post(ADDRESS, {"username": f"name{n}"}) for n in range(2)]
    here, elsewhere = sign_in("ann", PASSWORD), sign_in("ann", PASSWORD, "192.0.2.2")

    assert [answer.status_code for answer in tried] == [200, 200]
    assert (here.status_code, elsewhere.status_code) == (429, 302)


@pytest.mark.usefixtures("no_valkey")
@pytest.mark.parametrize("path", [ADDRESS, "/accounts/sign-up/", "/admin/login/"])
def test_door_is_shut_while_nobody_can_count(path: str) -> None:
    make_user("ann", is_staff=True)

    shown, tried = Client().get(path), sign_in("ann", PASSWORD, path=path)

    assert shown.status_code == 200
    assert (tried.status_code, tried["Retry-After"]) == (503, "3")
    assert "rest for a moment" in tried.content.decode()


def test_door_opens_when_counting_goes_on(settings: Settings) -> None:
    make_user("ann")
    here, settings.STATE_URL = settings.STATE_URL, "unix:///nowhere/at-all.sock"
    shut = sign_in("ann", PASSWORD)

    settings.STATE_URL = here
    counting.forget()

    assert (shut.status_code, sign_in("ann", PASSWORD).status_code) == (503, 302)


def test_session_gets_a_new_key_at_sign_in() -> None:
    make_user("ann")
    client = Client()
    client.get("/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = client.cookies["sessionid"].value

    client.post(ADDRESS, {"username": "ann", "password": PASSWORD})

    assert client.cookies["sessionid"].value != planted
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"
