"""Faults on purpose, on a server that answers one list."""

import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from recommendations.server.application import StartResponse
from recommendations.server.faulty import DRIP_EVERY_S, HANG_S, MODES, FaultMode, Faulty, with_fault
from storefront.env import Environment

ANSWER = b'{"itemList":[{"itemId":"a","score":0.6},{"itemId":"b","score":0.4}],"recommendationId":"r"}'


def server(environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
    return [ANSWER]


class Asked:
    """One answer, and what was waited for."""

    def __init__(self, mode: FaultMode, path: str = "/recommendations", share: float = 1.0) -> None:
        self.slept: list[float] = []
        self.faulty = Faulty(server, mode, share, sleep=self.slept.append)
        self.ask(path)

    def ask(self, path: str) -> None:
        self.status, self.headers = "", dict[str, str]()
        self.body = b"".join(self.faulty({"REQUEST_METHOD": "POST", "PATH_INFO": path}, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("throttle", "429", "ThrottlingException"),
        ("5xx", "503", "ServiceUnavailableException"),
        ("hang", "500", "InternalServerException"),
    ],
)
def test_faulty_server_refuses_as_amazon_does(mode: FaultMode, status: str, code: str) -> None:
    asked = Asked(mode)

    assert (asked.status[:3], asked.headers["x-amzn-errortype"]) == (status, code)
    assert json.loads(asked.body)["__type"] == code


def test_faulty_server_hangs_for_a_minute_before_it_says_anything() -> None:
    asked = Asked("hang")

    assert asked.slept == [HANG_S]


def test_faulty_server_drips_the_true_answer_byte_by_byte() -> None:
    asked = Asked("drip")

    assert asked.body == ANSWER
    assert asked.slept == [DRIP_EVERY_S] * len(ANSWER)


def test_faulty_server_empties_lists() -> None:
    asked = Asked("empty")

    assert json.loads(asked.body) == {"itemList": [], "recommendationId": "r"}
    assert asked.headers["Content-Length"] == str(len(asked.body))


def test_faulty_server_names_items_that_nobody_knows() -> None:
    asked = Asked("unknown_ids")

    assert [item["itemId"] for item in json.loads(asked.body)["itemList"]] == ["unknown-0", "unknown-1"]
    assert [item["score"] for item in json.loads(asked.body)["itemList"]] == [0.6, 0.4]


def test_faulty_server_breaks_json_off() -> None:
    asked = Asked("malformed")

    with pytest.raises(json.JSONDecodeError):
        json.loads(asked.body)
    assert (asked.status, asked.headers["Content-Length"]) == ("200 OK", str(len(asked.body)))


@pytest.mark.parametrize("mode", MODES)
def test_faulty_server_leaves_the_control_plane_alone(mode: FaultMode) -> None:
    asked = Asked(mode, path="/")

    assert (asked.status, asked.body, asked.slept) == ("200 OK", ANSWER, [])


def test_faulty_server_spoils_a_share_evenly() -> None:
    asked = Asked("throttle", share=0.25)
    statuses = [asked.status]
    for _ in range(7):
        asked.ask("/recommendations")
        statuses.append(asked.status)

    spoilt = [status.startswith("429") for status in statuses]
    assert spoilt == [False, False, False, True] * 2


def test_server_without_a_fault_stays_as_it_is() -> None:
    assert with_fault(server, "", 1.0) is server


def test_server_refuses_a_fault_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="sulk"):
        with_fault(server, "sulk", 1.0)


def test_environment_names_every_fault_of_the_server() -> None:
    named = Environment.model_fields["personalize_fault"].annotation

    assert set(itertools.chain(MODES, [""])) == set(getattr(named, "__args__", ()))
