"""One key for each shopper: kept by the cookie, adopted by the account, absent without consent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from recommendations import conf
from recommendations.events import cookie
from recommendations.events.cookie import Consent, Visit
from recommendations.events.identity import adopt, give_consent, identity_of, renew, withdraw_consent
from storefront.accounts.models import User


def request_of(visit: Visit | None = None, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/", **headers)  # type: ignore[arg-type]
    request.user = AnonymousUser()
    if visit is not None:
        request.COOKIES[cookie.NAME] = cookie.spell(visit)
    return request


def visit_seen(ago: timedelta = timedelta(), consent: Consent = Consent.UNASKED) -> Visit:
    return Visit("a" * 32, "b" * 16, int((conf.now() - ago).timestamp()), consent)


def kept(request: HttpRequest) -> Visit | None:
    """What the next request of this browser would send."""
    response = HttpResponse()
    identity = identity_of(request)
    if identity.is_cookie_due:
        identity.write(response)
    morsel = response.cookies.get(cookie.NAME)
    return cookie.read(morsel.value) if morsel else None


def make_user(name: str, shopper_key: str | None = None) -> User:
    return User.objects.create(username=name, shopper_key=shopper_key)


def test_new_shopper_gets_a_random_key_and_a_cookie() -> None:
    first, second = request_of(), request_of()

    shopper = identity_of(first).shopper

    assert len(shopper.shopper_key) == 32
    assert shopper.is_tracked
    assert shopper.shopper_key != identity_of(second).shopper.shopper_key
    visit = kept(first)
    assert visit is not None
    assert (visit.shopper_key, visit.session_id) == (shopper.shopper_key, shopper.session_id)


@pytest.mark.parametrize(
    ("ago", "is_rewritten", "same_session"),
    [
        (timedelta(minutes=4), False, True),
        (timedelta(minutes=6), True, True),
        (timedelta(minutes=29), True, True),
        (timedelta(minutes=31), True, False),
        (timedelta(days=300), True, False),
        (timedelta(days=-30), True, False),
    ],
)
def test_session_rolls_after_thirty_idle_minutes(ago: timedelta, is_rewritten: bool, same_session: bool) -> None:
    request = request_of(visit_seen(ago))

    shopper = identity_of(request).shopper

    assert shopper.shopper_key == "a" * 32
    assert (shopper.session_id == "b" * 16) is same_session
    assert (kept(request) is not None) is is_rewritten


def test_forged_cookie_yields_a_new_key() -> None:
    request = request_of()
    request.COOKIES[cookie.NAME] = cookie.spell(visit_seen()).replace("a" * 32, "c" * 32)

    shopper = identity_of(request).shopper

    assert shopper.shopper_key not in {"a" * 32, "c" * 32}
    assert kept(request) is not None


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0",
        "facebookexternalhit/1.1",
        "Sogou web spider/4.0",
    ],
)
def test_crawler_is_a_bot_without_cookie(agent: str) -> None:
    request = request_of(HTTP_USER_AGENT=agent)

    assert identity_of(request).shopper.is_bot
    assert kept(request) is None


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0", "CUBOT KINGKONG"])
def test_other_agents_are_shoppers(agent: str) -> None:
    assert identity_of(request_of(HTTP_USER_AGENT=agent)).shopper.is_tracked


@pytest.mark.parametrize("header", [{"HTTP_SEC_PURPOSE": "prefetch;prerender"}, {"HTTP_PURPOSE": "prefetch"}])
def test_prefetch_records_nothing_and_keeps_the_cookie(header: dict[str, Any]) -> None:
    request = request_of(**header)

    assert not identity_of(request).shopper.is_tracked
    assert kept(request) is not None


def test_privacy_signal_counts_as_no() -> None:
    request = request_of(visit_seen(consent=Consent.GIVEN), HTTP_SEC_GPC="1")

    shopper = identity_of(request).shopper

    assert not shopper.has_consent
    assert shopper.shopper_key != "a" * 32
    assert kept(request) is None


@override_settings(ASK_CONSENT=True)
def test_consent_must_come_first_where_it_is_asked() -> None:
    unasked = request_of()

    assert not identity_of(unasked).shopper.has_consent
    assert kept(unasked) is None
    assert identity_of(request_of(visit_seen(consent=Consent.GIVEN))).shopper.has_consent


@override_settings(ASK_CONSENT=True)
def test_consent_given_starts_a_key_and_withdrawn_ends_it() -> None:
    agreeing, response = request_of(), HttpResponse()

    give_consent(agreeing, response)
    given = cookie.read(response.cookies[cookie.NAME].value)
    assert given is not None
    withdrawing, response = request_of(given), HttpResponse()
    withdraw_consent(withdrawing, response)
    withdrawn = cookie.read(response.cookies[cookie.NAME].value)

    assert given.consent is Consent.GIVEN
    assert len(given.shopper_key) == 32
    assert withdrawn is not None
    assert (withdrawn.shopper_key, withdrawn.consent) == ("", Consent.REFUSED)
    assert not identity_of(withdrawing).shopper.is_tracked
    assert not identity_of(request_of(withdrawn)).shopper.has_consent


def test_consent_given_keeps_the_key_there_is() -> None:
    request, response = request_of(visit_seen()), HttpResponse()

    give_consent(request, response)

    given = cookie.read(response.cookies[cookie.NAME].value)
    assert given is not None
    assert given.shopper_key == "a" * 32


def test_consent_cannot_be_given_against_the_browsers_signal() -> None:
    request, response = request_of(HTTP_SEC_GPC="1"), HttpResponse()

    give_consent(request, response)

    assert cookie.NAME not in response.cookies
    assert not identity_of(request).shopper.is_tracked


@pytest.mark.django_db
def test_account_adopts_the_devices_key_at_first_sign_in() -> None:
    user, request = make_user("wanda"), request_of(visit_seen())

    adopt(request, user)

    assert user.shopper_key == "a" * 32
    assert User.objects.get(pk=user.pk).shopper_key == "a" * 32
    assert identity_of(request).shopper.shopper_key == "a" * 32


@pytest.mark.django_db
def test_second_device_takes_the_accounts_key() -> None:
    user, request = make_user("wanda", "d" * 32), request_of(visit_seen())

    adopt(request, user)

    assert identity_of(request).shopper.shopper_key == "d" * 32
    visit = kept(request)
    assert visit is not None
    assert (visit.shopper_key, visit.session_id) == ("d" * 32, "b" * 16)


@pytest.mark.django_db
def test_second_account_on_a_device_gets_a_key_of_its_own() -> None:
    make_user("wanda", "a" * 32)
    user, request = make_user("otto"), request_of(visit_seen())

    adopt(request, user)

    user.refresh_from_db()
    assert user.shopper_key not in {None, "a" * 32}
    assert identity_of(request).shopper.shopper_key == user.shopper_key


@pytest.mark.django_db
def test_sign_in_raced_elsewhere_takes_the_key_that_won() -> None:
    user, request = make_user("wanda"), request_of(visit_seen())
    User.objects.filter(pk=user.pk).update(shopper_key="e" * 32)

    adopt(request, user)

    assert user.shopper_key == "e" * 32
    assert identity_of(request).shopper.shopper_key == "e" * 32


@pytest.mark.django_db
def test_sign_in_without_consent_leaves_no_key() -> None:
    user, request = make_user("wanda"), request_of(HTTP_SEC_GPC="1")

    adopt(request, user)

    user.refresh_from_db()
    assert user.shopper_key is None
    assert kept(request) is None


def test_renewed_device_is_linked_to_nobody() -> None:
    request = request_of(visit_seen())

    renew(request)

    visit = kept(request)
    assert visit is not None
    assert visit.shopper_key != "a" * 32
    assert visit == replace(visit_seen(), shopper_key=visit.shopper_key, session_id=visit.session_id)
