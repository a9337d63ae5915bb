from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from experiments import overrides
from experiments.middleware import OverrideMiddleware
from experiments.models import Experiment
from experiments.overrides import COOKIE, Override, OverrideRefused, find_forced, make_query, read, sign, verify
from tests.experiments.conftest import KEY

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(settings: Settings) -> FakeClock:
    settings.CLOCK = FakeClock()
    return settings.CLOCK  # type: ignore[no-any-return]


def make_request(query: str = "", cookie: str = "", *, is_staff: bool = False, path: str = "/p/x/") -> HttpRequest:
    request = RequestFactory().get(f"{path}?{query}" if query else path)
    request.user = get_user_model()(is_staff=True) if is_staff else AnonymousUser()
    if cookie:
        request.COOKIES[COOKIE] = cookie
    return request


def answer(request: HttpRequest) -> HttpResponse:
    return OverrideMiddleware(lambda _: HttpResponse("page"))(request)


def cookie_of(response: HttpResponse) -> str:
    return response.cookies[COOKIE].value


def forced_by(cookie: str) -> str | None:
    return find_forced(make_request(cookie=cookie), KEY)


def test_sign_makes_what_verify_accepts_until_it_expires(clock: FakeClock) -> None:
    value = sign(KEY, "treatment", hours=2)

    clock.at += timedelta(hours=2, seconds=-1)
    found = verify(KEY, value)
    clock.at += timedelta(seconds=1)

    assert found == Override("treatment", int((START + timedelta(hours=2)).timestamp()))
    with pytest.raises(OverrideRefused, match=r"has expired\. Ask for a new one"):
        verify(KEY, value)


@pytest.mark.parametrize("hours", [0, -1, 24 * 14 + 0.1])
def test_sign_refuses_times_without_reason(hours: float) -> None:
    with pytest.raises(ValueError, match=r"hours == .* must be above 0 and at most 336"):
        sign(KEY, "treatment", hours)


def test_verify_refuses_what_was_tampered_with(clock: FakeClock) -> None:
    value = sign(KEY, "treatment", hours=2)
    variation, until_s, signature = value.split(":")
    forgeries = [
        f"control:{until_s}:{signature}",
        f"{variation}:{int(until_s) + 9999}:{signature}",
        f"{variation}:{until_s}:{signature[:-1]}",
        f"{variation}:{until_s}:",
        f"{variation}:{until_s}",
        ":",
        ":::",
    ]

    for forgery in forgeries:
        with pytest.raises(OverrideRefused, match="not valid"):
            verify(KEY, forgery)
    with pytest.raises(OverrideRefused, match="not valid"):
        verify("another-experiment", value)


def test_signed_link_sets_the_cookie_and_leaves_the_address(experiment: Experiment) -> None:
    request = make_request(f"page=2&{make_query(KEY, 'treatment', 2)}&q=air+max")

    response = answer(request)

    assert (response.status_code, response["Location"]) == (302, "/p/x/?page=2&q=air+max")
    morsel = response.cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 7200)
    assert "no-store" in response["Cache-Control"]
    assert forced_by(morsel.value) == "treatment"


def test_staff_need_no_signature(experiment: Experiment) -> None:
    response = answer(make_request(f"xp_{KEY}=control", is_staff=True))

    assert response["Location"] == "/p/x/"
    assert forced_by(cookie_of(response)) == "control"


def test_strangers_without_a_signature_get_the_page_and_the_reason(experiment: Experiment) -> None:
    request = make_request(f"xp_{KEY}=treatment")

    response = answer(request)

    assert response.content == b"page"
    assert COOKIE not in response.cookies
    assert "Only staff" in request.override_refusals[0]  # type: ignore[attr-defined]


def test_unknown_variations_are_refused_by_name(experiment: Experiment) -> None:
    request = make_request(f"xp_{KEY}=tretment", is_staff=True)

    answer(request)

    refusals = request.override_refusals  # type: ignore[attr-defined]
    assert refusals == [f"xp_{KEY}: there is no variation 'tretment'. Ask for one of control, treatment."]


def test_unknown_experiments_and_other_parameters_are_passed_over(experiment: Experiment) -> None:
    request = make_request("xp_nothing=treatment&q=x", is_staff=True)

    response = answer(request)

    assert response.content == b"page"
    assert request.override_refusals == []  # type: ignore[attr-defined]


def test_a_form_that_is_sent_forces_nothing(experiment: Experiment) -> None:
    request = RequestFactory().post(f"/?xp_{KEY}=treatment")
    request.user = get_user_model()(is_staff=True)

    assert answer(request).content == b"page"


def test_redirect_stays_on_this_host(experiment: Experiment) -> None:
    request = make_request(make_query(KEY, "treatment", 1))
    request.path = "//evil.example/"

    response = answer(request)

    assert response["Location"] == "/evil.example/"


def test_leaving_takes_the_cookie_away(experiment: Experiment) -> None:
    kept = cookie_of(answer(make_request(f"xp_{KEY}=treatment", is_staff=True)))

    response = answer(make_request("xp_leave=1&q=x", kept))

    assert response["Location"] == "/p/x/?q=x"
    assert (cookie_of(response), response.cookies[COOKIE]["max-age"]) == ("", 0)


def test_cookie_expires_with_the_link_and_is_signed(experiment: Experiment, clock: FakeClock) -> None:
    kept = cookie_of(answer(make_request(make_query(KEY, "treatment", 2))))

    before = forced_by(kept)
    clock.at += timedelta(hours=2)

    assert (before, forced_by(kept)) == ("treatment", None)
    clock.at = START
    assert forced_by(kept[:-2]) is None
    assert forced_by('{"recommended-for-you": ["treatment", 9999999999]}') is None


def test_cookie_holds_the_newest_few(experiment: Experiment, clock: FakeClock) -> None:
    response = HttpResponse()
    many = {f"experiment-{number}": overrides.grant("treatment") for number in range(20)}

    overrides.write(response, many)

    kept = read(make_request(cookie=cookie_of(response)))
    assert list(kept) == [f"experiment-{number}" for number in range(12, 20)]


def test_pages_under_an_override_are_kept_out_of_shared_caches(experiment: Experiment) -> None:
    kept = cookie_of(answer(make_request(f"xp_{KEY}=treatment", is_staff=True)))

    forced, plain = answer(make_request(cookie=kept)), answer(make_request())

    assert {"private", "no-store"} <= set(forced["Cache-Control"].split(", "))
    assert not plain.has_header("Cache-Control")
