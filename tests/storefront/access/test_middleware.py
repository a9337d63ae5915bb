"""Limits of routes through the client, and headers on every answer."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from storefront.access.limits import read_limits
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/search/?q=shoe", 200),
        ("/orders/", 302),
        ("/api/", 200),
        ("/api/schema/", 200),
        ("/api/recommendations/?k=0", 400),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/robots.txt", 200),
        ("/healthz", 200),
        ("/metrics", 200),
        ("/nowhere/", 404),
        ("/events/", 405),
    ],
)
def test_every_answer_carries_the_headers(client: Client, path: str, status: int) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert "camera=()" in answer["Permissions-Policy"]


def test_fault_carries_the_headers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_args: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("storefront.views.home.build_home_rows", break_down)
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_static_file_carries_the_headers(static_root: Path) -> None:
    (static_root / "headers.css").write_text("body { margin: 0; }")

    answer = Client().get("/static/headers.css")
    answer.close()

    assert answer.status_code == 200
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_pages_are_nobody_elses_to_keep(client: Client) -> None:
    pages = [client.get(path) for path in ("/", "/search/", "/accounts/sign-in/", "/privacy/", "/nowhere/", "/api/")]

    kept = [set(page["Cache-Control"].split(", ")) for page in pages]
    assert all("private" in one and one & {"no-store", "no-cache"} for one in kept)


def test_searching_device_waits_and_others_go_on(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"search": 3})
    eager, other = Client(), Client()
    eager.get("/")
    other.get("/")

    answers = [eager.get("/search/?q=shoe") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 20
    assert other.get("/search/?q=shoe").status_code == 200
    assert eager.get("/").status_code == 200


def test_account_has_one_allowance_on_all_its_devices(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"writes": 2})
    ann = make_user()
    clients = [Client(REMOTE_ADDR=f"192.0.2.{n}") for n in range(3)]
    for client in clients:
        client.force_login(ann)

    answers = [client.post("/privacy/choice/", {"choice": "yes"}) for client in clients]

    assert [answer.status_code for answer in answers] == [302, 302, 429]


@pytest.mark.parametrize(("path", "field"), [("/accounts/tokens/", "username"), ("/accounts/", "email")])
def test_guesses_of_ones_own_password_are_one_accounts_whatever_is_typed_beside(
    settings: Settings, path: str, field: str
) -> None:
    settings.RATE_LIMITS = read_limits({"sign_in": 2})
    client = Client()
    client.force_login(make_user())

    answers = [client.post(path, {field: f"{n}@example.com", "password": "guess"}) for n in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]


def test_reads_go_on_while_nobody_can_count(settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/at-all.sock"

    assert [Client().get("/search/?q=shoe").status_code for _ in range(3)] == [200, 200, 200]


def test_foreign_page_uses_up_nobodys_allowance(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"writes": 1})
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    forged = [client.post("/privacy/choice/", {"choice": "no"}, HTTP_ORIGIN="https://evil.example") for _ in range(5)]
    client.get("/privacy/")
    token = client.cookies["csrftoken"].value
    own = client.post("/privacy/choice/", {"choice": "yes", "csrfmiddlewaretoken": token})

    assert [answer.status_code for answer in forged] == [403] * 5
    assert own.status_code == 302


def test_beacon_is_answered_as_ever(client: Client, settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits(dict.fromkeys(settings.RATE_LIMITS, 1))
    body = json.dumps({"page_view_id": str(uuid4()), "lists": []})

    answers = [client.post("/events/", body, content_type="text/plain") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204] * 3
