"""Records are JSON or text, carry the request and known keys only, and no secret, cookie, address or token."""

import json
import logging
import sys

import pytest

from storefront.env import Environment
from storefront.logs import BLOT, CleanJsonFormatter, CleanTextFormatter, RequestFilter, current_request

SECRET = "c4n4ry-signing-key-of-many-characters"
CANARIES = {
    "key": SECRET,
    "cookie": "sessionid=c4n4ry0123456789; Path=/",
    "shopper": "shopper=c4n4ry-signed-cookie",
    "csrf": "csrfmiddlewaretoken=c4n4ryAAAA",
    "header": "Cookie: a=c4n4ry1; b=c4n4ry2",
    "bearer": "Authorization: Bearer c4n4ry.token.value",
    "click": "/p/harbour/?r=c4n4ryAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "url": "postgresql://shop:c4n4ry@db.internal/shop",
    "mail": "Key (email)=(c4n4ry@example.com) already exists.",
    "address": "connection from 203.0.113.77 refused",
}
LEAKS = ("c4n4ry", "203.0.113.77")


def formatted(formatter: logging.Formatter, message: str, *arguments: object, **extra: object) -> str:
    record = logging.LogRecord("shop.test", logging.WARNING, __file__, 1, message, arguments, None)
    for name, value in extra.items():
        setattr(record, name, value)
    RequestFilter().filter(record)
    return formatter.format(record)


def formatters() -> list[logging.Formatter]:
    return [CleanJsonFormatter(secrets=[SECRET]), CleanTextFormatter(secrets=[SECRET])]


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
@pytest.mark.parametrize("formatter", formatters(), ids=["json", "text"])
def test_canary_is_hidden_in_message_argument_extra_and_traceback(formatter: logging.Formatter, canary: str) -> None:
    try:
        raise ValueError(canary)
    except ValueError:
        told = sys.exc_info()

    texts = [
        formatted(formatter, canary),
        formatted(formatter, "It was: %s", canary),
        formatted(formatter, "It was.", error=canary),
        formatted(formatter, "It failed.", exc_info=told),
    ]

    assert [leak for leak in LEAKS for text in texts if leak in text] == []
    assert BLOT in texts[0]


def test_json_record_carries_known_keys_and_no_others() -> None:
    text = formatted(
        CleanJsonFormatter(),
        "retrain %s",
        "failed",
        retrain_run=7,
        step="train",
        code="lease_lost",
        request="<WSGIRequest: GET '/?r=token'>",
        payload={"who": "a shopper"},
    )

    fields = json.loads(text)
    assert fields.pop("at").endswith("+0000")
    assert fields == {
        "level": "WARNING",
        "logger": "shop.test",
        "message": "retrain failed",
        "retrain_run": 7,
        "step": "train",
        "code": "lease_lost",
    }


def test_json_record_of_an_exception_is_one_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        text = formatted(CleanJsonFormatter(), "It failed.", exc_info=sys.exc_info())

    assert "\n" not in text
    assert "ValueError: two\nlines" in json.loads(text)["exception"]


def test_record_within_a_request_carries_its_id() -> None:
    bound = current_request.set(("request-0001", None))
    try:
        text = formatted(CleanJsonFormatter(), "Something.")
    finally:
        current_request.reset(bound)

    assert json.loads(text)["request_id"] == "request-0001"


def test_loopback_and_plain_words_stay_readable() -> None:
    text = formatted(CleanTextFormatter(), "127.0.0.1:8000 took 1.25 s for 10.5 MB, a@ b.c", code="slow")

    assert text == "WARNING shop.test: 127.0.0.1:8000 took 1.25 s for 10.5 MB, a@ b.c [code=slow]"


def test_environments_secrets_are_those_that_logs_must_hide() -> None:
    environment = Environment(
        secret_key="canary-key-canary-key-canary-key-canary",
        database_url="postgresql://shop:canary-db@db/shop",
        redis_url="rediss://:canary-valkey@valkey:6380",
        email_url="smtp://shop:canary-mail@mail:587",
        metrics_token="canary-metrics-token-24-chars",
        alarm_webhook_url="https://hooks.example.com/canary",
    )

    assert len([secret for secret in environment.secrets() if "canary" in secret]) == 6
