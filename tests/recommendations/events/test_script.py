"""events.js in a real Chromium: it says what was half seen for half a second, once, under the strict policy."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import storefront
from tests.e2e.browser import chromium

pytestmark = pytest.mark.e2e

SCRIPT = Path(storefront.__file__).parent / "static/storefront/js/events.js"
CARDS = "".join(f'<li data-rank="{rank}"></li>' for rank in (1, 2, 3))
PAGE = f"""<!doctype html><html><head><link rel="stylesheet" href="/style.css"></head>
<body><div data-page-view="view-1"></div>
<section data-row="near" data-token="token-near"><ul>{CARDS}</ul></section>
<section data-row="plain"><ul>{CARDS}</ul></section>
<div class="far"></div>
<section data-row="far" data-token="token-far"><ul>{CARDS}</ul></section>
<script src="/events.js" defer></script></body></html>"""
STYLE = "ul{display:flex;list-style:none} li{width:100px;height:100px} .far{height:3000px}"


class Site(ThreadingHTTPServer):
    """Serves one page and keeps the beacons."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.beacons: list[tuple[str, dict[str, Any]]] = []

    @property
    def seen(self) -> list[tuple[str, int]]:
        return [(one["token"], rank) for _, body in self.beacons for one in body["lists"] for rank in one["ranks"]]


class Answers(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        bodies = {"/": ("text/html", PAGE), "/events.js": ("text/javascript", SCRIPT.read_text())}
        kind, body = bodies.get(self.path, ("text/css", STYLE))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.beacons.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def wait_for_ranks(site: Site, n: int) -> None:
    deadline = time.monotonic() + 10
    while len(site.seen) < n and time.monotonic() < deadline:
        time.sleep(0.05)


def test_script_reports_what_was_seen_once(site: Site) -> None:
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 800, "height": 600})
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        wait_for_ranks(site, 3)
        near = sorted(site.seen)

        page.evaluate("scrollTo(0, 9999)")
        page.wait_for_timeout(200)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(2500)
        after_a_glance = sorted(site.seen)
        page.evaluate("scrollTo(0, 9999)")
        page.wait_for_timeout(800)
        page.goto("about:blank")
        wait_for_ranks(site, 6)

    assert near == after_a_glance == [("token-near", 1), ("token-near", 2), ("token-near", 3)]
    assert sorted(site.seen) == [*[("token-far", rank) for rank in (1, 2, 3)], *near]
    assert {kind.partition(";")[0] for kind, _ in site.beacons} == {"text/plain"}
    assert {body["page_view_id"] for _, body in site.beacons} == {"view-1"}
    assert [text for text in complaints if "favicon" not in text] == []


def test_script_stays_small() -> None:
    assert len(SCRIPT.read_bytes()) < 3 * 1024
