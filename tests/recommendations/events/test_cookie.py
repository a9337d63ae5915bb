"""The cookie keeps a visit, and reads as none once anything about it is wrong."""

import pytest
from django.http import HttpResponse, parse_cookie
from django.test import Client, override_settings

from recommendations.events import cookie
from recommendations.events.cookie import Consent, Visit

VISIT = Visit("a" * 32, "b" * 16, 1_700_000_000, Consent.UNASKED)


@pytest.mark.parametrize("consent", [Consent.UNASKED, Consent.GIVEN])
def test_cookie_survives_its_spelling(consent: Consent) -> None:
    visit = Visit("a" * 32, "b" * 16, 1_700_000_000, consent)

    assert cookie.read(cookie.spell(visit)) == visit


@pytest.mark.parametrize("key", ["17841", "a.b.c", 'anna; müller, "x"', "客户", "k" * 64])
def test_imported_key_survives_its_spelling(key: str) -> None:
    response = HttpResponse()
    visit = Visit(key, "b" * 16, 1_700_000_000, Consent.UNASKED)
    cookie.write(response, visit)

    sent = parse_cookie(response.cookies["shopper"].OutputString().partition(";")[0])

    assert cookie.read(sent["shopper"]) == visit


def test_refusal_keeps_nothing_that_tells_shoppers_apart() -> None:
    refused = cookie.read(cookie.spell(Visit("a" * 32, "b" * 16, 1_700_000_000, Consent.REFUSED)))

    assert refused == Visit("", "", 0, Consent.REFUSED)


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: value.replace("a", "c", 1),
        lambda value: value[:-1],
        lambda value: value + "x",
        lambda value: value.replace("1.u.", "1.y."),
        lambda value: "",
        lambda value: "....",
        lambda value: "x" * 5000,
        lambda value: "\x00é" + value,
        lambda value: value.rpartition(".")[0] + ".=====",
    ],
)
def test_changed_cookie_reads_as_none(forge: "object") -> None:
    value = cookie.spell(VISIT)

    assert cookie.read(forge(value)) is None  # type: ignore[operator]


def test_cookie_is_first_party_and_out_of_scripts_reach() -> None:
    response = HttpResponse()

    cookie.write(response, VISIT)

    morsel = response.cookies["shopper"]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 400 * 86_400)
    assert (morsel["domain"], morsel["path"], morsel["secure"]) == ("", "/", "")


@override_settings(SESSION_COOKIE_SECURE=True)
def test_cookie_is_bound_to_the_host_where_it_is_secure() -> None:
    response = HttpResponse()

    cookie.write(response, VISIT)

    morsel = response.cookies["__Host-shopper"]
    assert "shopper" not in response.cookies
    assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")


@override_settings(SESSION_COOKIE_SECURE=True)
@pytest.mark.django_db
def test_cookie_without_the_prefix_is_nobody_where_it_is_secure(client: Client) -> None:
    client.cookies["shopper"] = cookie.spell(VISIT)
    planted = cookie.read(client.get("/", secure=True).cookies["__Host-shopper"].value)
    again = Client()
    again.cookies["__Host-shopper"] = cookie.spell(VISIT)

    returned = cookie.read(again.get("/", secure=True).cookies["__Host-shopper"].value)

    assert planted is not None
    assert planted.shopper_key != VISIT.shopper_key
    assert returned is not None
    assert returned.shopper_key == VISIT.shopper_key
