"""A question is asked once, and an answer that cannot be used is an absence, never a surprise."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from recommendations.adapters.aws.clients import forget_clients
from recommendations.adapters.personalize.runtime import PersonalizeRuntime
from recommendations.exceptions import BackendThrottled, BackendUnavailable, InvalidInput
from recommendations.ports import RecommendationList
from tests.quickness import quickest_s

CAMPAIGN = "arn:aws:personalize:eu-west-1:123456789012:campaign/home"
JSON = "application/json"


@contextmanager
def answering(body: bytes, *, status: int = 200, error: str = "", after_s: float = 0.0) -> Iterator[list[bytes]]:
    """A server on this machine that always says the same; yields what it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(after_s)
            self.send_response(status)
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(body)))
            if error:
                self.send_header("x-amzn-errortype", error)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # Who hung up has hung up.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_PERSONALIZE_RUNTIME", f"http://127.0.0.1:{server.server_port}")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        forget_clients()
        try:
            yield asked
        finally:
            forget_clients()
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture(autouse=True)
def _patient(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 5.0


def ask(k: int = 3) -> RecommendationList:
    return PersonalizeRuntime().get_recommendations(CAMPAIGN, k=k, user_id="somebody")


def test_answer_is_read_with_scores_up_to_the_first_item_without_one() -> None:
    items = [{"itemId": "a", "score": 0.75}, {"itemId": "b", "score": 0.25}, {"itemId": "c"}]

    with answering(json.dumps({"itemList": items, "recommendationId": "RID-1"}).encode()) as asked:
        answer = ask()

    assert answer == RecommendationList(("a", "b", "c"), "RID-1", (0.75, 0.25))
    assert json.loads(asked[0]) == {"campaignArn": CAMPAIGN, "userId": "somebody", "numResults": 3}


def test_filter_and_its_values_go_with_the_question() -> None:
    with answering(b'{"itemList": [], "recommendationId": "RID-1"}') as asked:
        answer = PersonalizeRuntime().get_recommendations(
            CAMPAIGN, k=3, user_id="u", item_id="i", filter_arn="arn:of:filter", filter_values={"BRAND": '"a","b"'}
        )

    assert answer.item_ids == ()
    assert json.loads(asked[0]) == {
        "campaignArn": CAMPAIGN,
        "userId": "u",
        "itemId": "i",
        "numResults": 3,
        "filterArn": "arn:of:filter",
        "filterValues": {"BRAND": '"a","b"'},
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"<html>busy</html>", b"{}", b'{"itemList": [{"score": 1.0}]}', b'{"itemList": [{"itemId": ""}]}'],
)
def test_answer_that_cannot_be_read_is_an_absence(body: bytes) -> None:
    with answering(body), pytest.raises(BackendUnavailable):
        ask()


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, "ThrottlingException", BackendThrottled),
        (500, "InternalServerException", BackendUnavailable),
        (503, "", BackendUnavailable),
        (400, "InvalidInputException", InvalidInput),
    ],
)
def test_refusal_is_told_at_once_and_asked_but_once(status: int, error: str, kind: type[Exception]) -> None:
    with answering(b'{"message": "no"}', status=status, error=error) as asked:
        with pytest.raises(kind) as caught:
            ask()

        assert type(caught.value) is kind
        assert len(asked) == 1


def test_answer_after_the_deadline_is_not_waited_for(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 0.2

    def ask_one_that_hangs() -> float:
        started_s = time.monotonic()
        with pytest.raises(BackendUnavailable):
            ask()
        return time.monotonic() - started_s

    with answering(b'{"itemList": []}', after_s=1.5):
        # The client itself is made only once, and takes its time.
        ask_one_that_hangs()

        assert quickest_s(ask_one_that_hangs, enough_s=1.0) < 1.0


def test_question_that_nobody_answers_in_time_is_asked_but_once(settings: Settings) -> None:
    # Long enough for the question to come through whatever else the machine does.
    settings.RECOMMENDATION_DEADLINE_S = 2.0

    with answering(b'{"itemList": []}', after_s=4.0) as asked, pytest.raises(BackendUnavailable):
        ask()

    assert len(asked) == 1


def test_nothing_is_asked_that_would_be_refused() -> None:
    with answering(b"{}") as asked:
        for k in (0, 501):
            with pytest.raises(InvalidInput, match="k =="):
                ask(k)
        with pytest.raises(InvalidInput, match="501"):
            PersonalizeRuntime().get_personalized_ranking(
                CAMPAIGN, user_id="u", item_ids=[f"item-{number}" for number in range(501)]
            )
        assert PersonalizeRuntime().get_personalized_ranking(CAMPAIGN, user_id="u", item_ids=[]).item_ids == ()

    assert asked == []
