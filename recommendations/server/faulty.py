"""Faults on purpose: a server that answers as a service in trouble does, so that callers can be tested against it."""

import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, get_args

from recommendations.server.application import StartResponse
from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.operations import CONTENT_TYPES
from recommendations.server.wire.writing import write_fault

FaultMode = Literal["throttle", "5xx", "hang", "drip", "empty", "unknown_ids", "malformed"]
MODES: Final[tuple[FaultMode, ...]] = get_args(FaultMode)
# What a shop's pages and its events meet; resources are made and described as ever.
PATHS: Final = frozenset({"/recommendations", "/personalize-ranking", "/action-recommendations", "/events"})
# Longer than any client of a page waits, and not for ever: the thread is wanted back.
HANG_S: Final = 60.0
# Quicker than any wait for the next byte gives up.
DRIP_EVERY_S: Final = 0.1
# Threads of a worker whose requests may hang: those that are answered must not wait for those that are not.
THREADS: Final = 32
LISTS: Final = ("itemList", "personalizedRanking")

WsgiApplication = Callable[[Mapping[str, Any], StartResponse], Iterable[bytes]]


class Faulty:
    """Stands before the server and spoils a share of the answers to runtime and events.

    `throttle` refuses with 429 and `5xx` with 503, `hang` answers nothing for a minute, `drip` sends the answer a byte
    every tenth of a second, `empty` leaves lists without items, `unknown_ids` names items that no catalogue has,
    `malformed` breaks the JSON off in the middle.

    Args of the constructor:
        application: the server.
        mode: the fault.
        share: of requests that meet it, 0..1; spread evenly, so that of ten requests at 0.5 five do.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        application: WsgiApplication,
        mode: FaultMode,
        share: float,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._application = application
        self._mode = mode
        self._share = share
        self._sleep = sleep
        self._numbers = itertools.count()

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, or spoil its answer."""
        if environ.get("PATH_INFO") not in PATHS or not self._is_next_spoilt():
            return self._application(environ, start_response)
        if self._mode == "throttle":
            return _refuse(ApiFault("ThrottlingException", "Rate exceeded"), start_response)
        if self._mode == "5xx":
            return _refuse(ApiFault("ServiceUnavailableException", "Service Unavailable"), start_response)
        if self._mode == "hang":
            self._sleep(HANG_S)
            return _refuse(ApiFault("InternalServerException", "The request took too long."), start_response)
        return self._spoil(environ, start_response)

    def _is_next_spoilt(self) -> bool:
        number = next(self._numbers)
        return math.floor((number + 1) * self._share) > math.floor(number * self._share)

    def _spoil(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = _Answer()
        body = b"".join(self._application(environ, answer.start))
        if self._mode == "drip":
            start_response(answer.status, answer.headers)
            return self._drip(body)
        if self._mode == "malformed":
            body = body[: len(body) // 2] or b"{"
        elif answer.status.startswith("200"):
            body = _with_other_items(body, is_empty=self._mode == "empty")
        start_response(answer.status, _with_length(answer.headers, len(body)))
        return [body]

    def _drip(self, body: bytes) -> Iterator[bytes]:
        for place in range(len(body)):
            self._sleep(DRIP_EVERY_S)
            yield body[place : place + 1]


def with_fault(application: WsgiApplication, mode: str, share: float) -> WsgiApplication:
    """Return the server as it is where no fault is named, else behind the fault.

    Raises:
        ValueError: there is no such fault.
    """
    if not mode:
        return application
    if mode not in MODES:
        raise ValueError(f"mode == {mode!r}: give one of {', '.join(MODES)}.")
    return Faulty(application, mode, share)


class _Answer:
    """What the server would have sent before the body."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, headers


def _with_other_items(body: bytes, *, is_empty: bool) -> bytes:
    """The answer with no items, or with items that nobody knows; one without a list stays as it is."""
    told = json.loads(body) if body else {}
    for name in LISTS:
        if name in told:
            items = [] if is_empty else told[name]
            told[name] = [{**item, "itemId": f"unknown-{place}"} for place, item in enumerate(items)]
    return json.dumps(told, separators=(",", ":")).encode() if told else body


def _with_length(headers: list[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    return [*kept, ("Content-Length", str(length))]


def _refuse(fault: ApiFault, start_response: StartResponse) -> Iterable[bytes]:
    body = write_fault(fault)
    headers = [
        ("Content-Type", CONTENT_TYPES["rest-json"]),
        ("Content-Length", str(len(body))),
        ("x-amzn-errortype", fault.code),
    ]
    start_response(f"{fault.status('rest-json')} Error", headers)
    return [body]
