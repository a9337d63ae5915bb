"""What capturing events costs: microseconds added to a request, and events a second from stream to table.

Run it alone with `python -m benchmarks.event_capture`; it works in a scratch world of its own.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")

ROUNDS = 7
REQUESTS = 2000
STREAM_EVENTS = 50_000
BATCH = 10_000


def microseconds_each(call: Callable[[], object], n: int) -> float:
    """CPU time of this thread per call; the flushing thread is measured apart."""
    started = time.thread_time()
    for _ in range(n):
        call()
    return (time.thread_time() - started) / n * 1e6


def added_by_middleware() -> None:
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from recommendations import conf
    from recommendations.events import buffer, cookie, ids, tokens
    from recommendations.events.cookie import Consent, Visit
    from recommendations.events.middleware import ShopperMiddleware

    key = uuid4().hex
    visit = Visit(key, key[:16], int(conf.now().timestamp()), Consent.UNASKED)
    signed = cookie.spell(visit)
    token = tokens.issue_click("row_click", ids.uuid7(conf.now()), key, "SKU-1")
    factory = RequestFactory()

    def asking(view: Callable[[HttpRequest], HttpResponse], path: str) -> Callable[[], object]:
        def ask() -> HttpResponse:
            request = factory.get(path)
            request.META["HTTP_COOKIE"] = f"{cookie.NAME}={signed}"
            return view(request)

        return ask

    def plain(_: HttpRequest) -> HttpResponse:
        return HttpResponse("a page", content_type="text/plain")

    def page(_: HttpRequest) -> HttpResponse:
        return HttpResponse("a page")

    def product(request: HttpRequest) -> HttpResponse:
        request.events.viewed("SKU-1")  # type: ignore[attr-defined]
        return HttpResponse("a page")

    cases = {
        "nobody asks for the shopper": (asking(plain, "/"), asking(ShopperMiddleware(plain), "/")),
        "a page": (asking(page, "/"), asking(ShopperMiddleware(page), "/")),
        "a product view": (asking(page, "/p/x/"), asking(ShopperMiddleware(product), "/p/x/")),
        "a product view and its click": (
            asking(page, f"/p/x/?r={token}"),
            asking(ShopperMiddleware(product), f"/p/x/?r={token}"),
        ),
    }
    print(f"added to a request, median of {ROUNDS} rounds of {REQUESTS}:")
    for name, (without, with_it) in cases.items():
        added = []
        for _ in range(ROUNDS):
            base = microseconds_each(without, REQUESTS)
            added.append(microseconds_each(with_it, REQUESTS) - base)
            buffer.flush()
        print(f"  {name:32} {statistics.median(added):7.1f} us")


def enqueue_cost() -> None:
    from recommendations.events.buffer import Buffer
    from recommendations.events.connections import worker_client
    from recommendations.events.valkey_stream import ValkeyStream
    from tests.factories.events import make_interaction

    name = f"bench-{uuid4().hex}"
    buffer = Buffer(lambda: ValkeyStream(worker_client(), name=name, max_length=1_000_000), max_waiting=1_000_000)
    interaction = make_interaction()
    costs = []
    for _ in range(ROUNDS):
        costs.append(microseconds_each(lambda: buffer.add(interaction), REQUESTS))
        started = time.monotonic()
        buffer.flush()
        while buffer.stats().waiting and time.monotonic() - started < 10:
            time.sleep(0.01)
    print(f"leaving one record in the buffer: {statistics.median(costs):.1f} us")
    worker_client().delete(name)


def stream_to_table() -> None:
    from django.db import transaction

    from recommendations.events.connections import worker_client
    from recommendations.events.store import store
    from recommendations.events.valkey_stream import ValkeyStream
    from recommendations.events.wire import decode_entry, encode_entries
    from tests.factories.events import make_interaction

    name = f"bench-{uuid4().hex}"
    stream = ValkeyStream(worker_client(), name=name, max_length=1_000_000, groups=["store"])
    stream.ensure_groups()
    sent = [make_interaction() for _ in range(STREAM_EVENTS)]
    started = time.perf_counter()
    stream.append(encode_entries(sent))
    appended_s = time.perf_counter() - started
    started, n_stored = time.perf_counter(), 0
    with transaction.atomic():
        while batch := stream.read("store", "bench", count=BATCH // 100, wait_ms=1):
            with transaction.atomic():
                n_stored += store([record for e in batch for record in decode_entry(e.payload).records]).interactions
            stream.commit("store", batch.checkpoint)
        stored_s = time.perf_counter() - started
        transaction.set_rollback(True)
    worker_client().delete(name)
    print(f"encoded and appended: {STREAM_EVENTS / appended_s:,.0f} events/s")
    print(f"stream to table, batches of {BATCH}: {n_stored / stored_s:,.0f} events/s ({n_stored} stored)")


def main() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    added_by_middleware()
    enqueue_cost()
    stream_to_table()


if __name__ == "__main__":
    from storefront.bundled import bundled_servers

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["VAR_DIR"] = folder
        with bundled_servers():
            main()
