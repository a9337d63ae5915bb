"""Logs: JSON or text, with the request's id on every record, known keys only, and secrets blotted out."""

import contextvars
import logging
import re
import time
from collections.abc import Sequence
from typing import Any

from pythonjsonlogger.json import JsonFormatter

# The keys that a record may carry beside its message. What is not here is not written: requests, users, payloads.
KEYS = (
    "request_id",
    "session_id",
    "slot",
    "rotation",
    "campaign",
    "solution_version",
    "retrain_run",
    "step",
    "experiment",
    "variation",
    "subject",
    "order_id",
    "n_tries",
    "actor",
    "task",
    "code",
    "error",
    "status_code",
    "took_ms",
    "limit",
    "coverage_bp",
)
BLOT = "[hidden]"
# A short secret would blot out innocent words.
MIN_SECRET = 6
HIDDEN = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"
    r"|(?i:(?<=bearer )\S+)"
    r"|(?i:(?<=cookie: )[^\n]+)"
    r"|(?i:\b(?:sessionid|csrftoken|csrfmiddlewaretoken|shopper|password|token|secret)=)[^\s;&,'\"]+"
    r"|(?<=__Host-session=)[^\s;]+|(?<=__Host-csrf=)[^\s;]+|\bshop_[\w-]{43}"
    r"|(?<=[?&][rs]=)[\w-]{32}"
    r"|\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b"
)

# The request that the running code belongs to: its id, and the object from which a visit may be read.
current_request: contextvars.ContextVar[tuple[str, Any] | None] = contextvars.ContextVar("request", default=None)


class RequestFilter(logging.Filter):
    """Puts the request's id, and the visit's where it is known, on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        current = current_request.get()
        if current is not None:
            request_id, request = current
            record.request_id = request_id
            identity = getattr(request, "identity", None)
            if identity is not None and identity.is_resolved and not hasattr(record, "session_id"):
                record.session_id = identity.shopper.session_id
        return True


class Blotter:
    """Hides secrets of this process, and what looks like an address, a cookie or a token."""

    def __init__(self, secrets: Sequence[str]) -> None:
        known = sorted((secret for secret in secrets if len(secret) >= MIN_SECRET), key=len, reverse=True)
        self._known = re.compile("|".join(re.escape(secret) for secret in known)) if known else None

    def clean(self, text: str) -> str:
        """The text without them."""
        if self._known is not None:
            text = self._known.sub(BLOT, text)
        return HIDDEN.sub(BLOT, text)


class CleanJsonFormatter(JsonFormatter):
    """One JSON object a record: time in UTC, level, logger, message, and those of `KEYS` that it carries."""

    converter = staticmethod(time.gmtime)

    def __init__(self, *, secrets: Sequence[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")
        self._blotter = Blotter(secrets)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, _message: dict[str, Any]) -> None:
        log_data["at"] = self.formatTime(record, self.datefmt)
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = self._blotter.clean(record.getMessage())
        for key in KEYS:
            value = getattr(record, key, None)
            if value is not None and value != "":
                log_data[key] = self._blotter.clean(value) if isinstance(value, str) else value
        if record.exc_info:
            log_data["exception"] = self._blotter.clean("".join(self.formatException(record.exc_info)))


class CleanTextFormatter(logging.Formatter):
    """A line for people: level, logger, message, and the code and request that help to find more."""

    def __init__(self, *, secrets: Sequence[str] = ()) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._blotter = Blotter(secrets)

    def format(self, record: logging.LogRecord) -> str:
        told = {key: getattr(record, key, "") for key in ("code", "request_id")}
        suffix = " ".join(f"{key}={value}" for key, value in told.items() if value)
        text = super().format(record)
        first, newline, rest = text.partition("\n")
        return self._blotter.clean(f"{first} [{suffix}]{newline}{rest}" if suffix else text)


def logging_settings(*, as_json: bool, secrets: Sequence[str]) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, in one of the two forms."""
    formatter = CleanJsonFormatter if as_json else CleanTextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": RequestFilter}},
        "formatters": {"clean": {"()": formatter, "secrets": tuple(secrets)}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "clean", "filters": ["request"]}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Its own handlers would write a second time, in another form, and mail tracebacks.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": "WARNING"},
        },
    }
