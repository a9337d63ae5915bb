"""Every response has a request id: a well-formed one that came with it, else a fresh one; views are counted."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from recommendations import monitoring
from storefront.logs import RequestFilter, current_request
from storefront.middleware import RequestMiddleware

FRESH = re.compile(r"[0-9a-f]{32}")


def bound_id() -> str:
    record = logging.LogRecord("shop", logging.INFO, "", 1, "", (), None)
    RequestFilter().filter(record)
    return str(getattr(record, "request_id", ""))


def test_given_id_is_bound_to_records_and_returned() -> None:
    seen: list[str] = []

    def view(_request: HttpRequest) -> HttpResponse:
        with ThreadPoolExecutor(1) as pool:
            seen.extend([bound_id(), pool.submit(copy_context().run, bound_id).result()])
        return HttpResponse()

    request = RequestFactory().get("/", headers={"X-Request-ID": "trace_01-abcd"})
    answer = RequestMiddleware(view)(request)

    assert (answer["X-Request-ID"], seen) == ("trace_01-abcd", ["trace_01-abcd"] * 2)
    assert current_request.get() is None


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "has space 1", "line\nbreak1", "<script>alert", "-dash-first"]
)
def test_missing_or_malformed_id_is_replaced(given: str) -> None:
    request = RequestFactory().get("/")
    request.META["HTTP_X_REQUEST_ID"] = given

    answer = RequestMiddleware(lambda _request: HttpResponse())(request)

    assert FRESH.fullmatch(answer["X-Request-ID"])


def test_id_is_unbound_when_the_view_fails() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        RequestMiddleware(view)(RequestFactory().get("/"))

    assert current_request.get() is None


@pytest.mark.django_db
def test_pages_are_counted_by_view_and_shoppers_pages_as_viewed(client: Client) -> None:
    monitoring.tally.take()

    statuses = [client.get(path).status_code for path in ("/", "/search/?q=low", "/healthz", "/p/nothing/")]

    assert statuses == [200, 200, 200, 404]
    assert monitoring.tally.take()[monitoring.PAGES] == 2
    samples = {
        (sample.labels["view"], sample.labels["status"])
        for metric in monitoring.PAGE_SECONDS.collect()
        for sample in metric.samples
    }
    assert {("home", "2xx"), ("search", "2xx"), ("health", "2xx"), ("product", "4xx")} <= samples


@pytest.mark.django_db
def test_unknown_addresses_add_no_series(client: Client) -> None:
    before = sum(1 for metric in monitoring.PAGE_SECONDS.collect() for _ in metric.samples)

    for number in range(5):
        client.get(f"/nothing-{number}/")

    assert sum(1 for metric in monitoring.PAGE_SECONDS.collect() for _ in metric.samples) == before
