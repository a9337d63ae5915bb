"""events.js in a real Chromium: it says what was half seen for half a second, once, under the strict policy."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

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
    deadline = time.monotonic() + 60
    while len(site.seen) < n and time.monotonic() < deadline:
        time.sleep(0.05)


def scroll(page: Page, to: int) -> None:
    """Come back once the script has been told what is in view now: before this observer, which is younger."""
    page.evaluate(
        """to => {
          scrollTo(0, to);
          return new Promise((resolve) => {
            const observer = new IntersectionObserver(() => {
              observer.disconnect();
              resolve();
            });
            observer.observe(document.body);
          });
        }""",
        to,
    )


def test_script_reports_what_was_seen_once(site: Site) -> None:
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 800, "height": 600})
        page.on("console", lambda message: complaints.append(message.text))
        # The page's time stands still but where it is let go on: a busy machine makes no glance a look.
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        scroll(page, 0)
        page.clock.run_for(2000)
        wait_for_ranks(site, 3)
        near = sorted(site.seen)

        scroll(page, 9999)
        page.clock.run_for(499)
        scroll(page, 0)
        page.clock.run_for(4000)
        page.wait_for_timeout(300)
        after_a_glance = sorted(site.seen)
        scroll(page, 9999)
        page.clock.run_for(501)
        page.goto("about:blank")
        wait_for_ranks(site, 6)

    assert near == after_a_glance == [("token-near", 1), ("token-near", 2), ("token-near", 3)]
    assert sorted(site.seen) == [*[("token-far", rank) for rank in (1, 2, 3)], *near]
    assert {kind.partition(";")[0] for kind, _ in site.beacons} == {"text/plain"}
    assert {body["page_view_id"] for _, body in site.beacons} == {"view-1"}
    assert [text for text in complaints if "favicon" not in text] == []


def test_script_stays_small() -> None:
    assert len(SCRIPT.read_bytes()) < 3 * 1024
