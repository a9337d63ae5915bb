"""Pages as the views render them, in a browser of its own thread: no server to start, no loop beside the database."""

import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from playwright.sync_api import Browser, Page, Route

from tests.e2e.browser import chromium

ORIGIN = "http://shop.test"
INLINE = re.compile(rb"<[a-z][^>]*\sstyle=[^>]*>|<style[^>]*>|<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE)
Theme = Literal["light", "dark"]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One answered address: what the browser gets there."""

    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, response: object) -> "Rendered":
        assert isinstance(response, HttpResponse)
        assert response.status_code == 200, response.status_code
        return cls(response.content, dict(response.headers))


class Studio:
    """A browser that shows rendered pages; all of it lives in one thread of its own."""

    def __init__(self, thread: ThreadPoolExecutor, browser: Browser) -> None:
        self._thread, self._browser = thread, browser

    def look(
        self,
        rendered: Rendered,
        look: Callable[[Page], Answer],
        *,
        theme: Theme,
        width: int,
        picture: Path | None = None,
    ) -> Answer:
        """Open the page, apply its own policy to it, check that it is sound, and answer what `look` finds."""
        return self._thread.submit(self._look, rendered, look, theme, width, picture).result()

    def _look(
        self, rendered: Rendered, look: Callable[[Page], Answer], theme: Theme, width: int, picture: Path | None
    ) -> Answer:
        # Axe is let past the policy; what the policy would refuse is looked for in the page itself.
        context = self._browser.new_context(
            bypass_csp=True, color_scheme=theme, viewport={"width": width, "height": 900}
        )
        try:
            page = context.new_page()
            page.route("**/*", lambda route: _answer(route, rendered))
            page.goto(f"{ORIGIN}/")
            _assert_sound(page, rendered, width)
            if picture is not None:
                page.screenshot(path=picture, full_page=True)
            return look(page)
        finally:
            context.close()


@contextmanager
def studio() -> Iterator[Studio]:
    """A studio for as long as the block lasts; skips where there is no browser."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        opened = chromium()
        browser = thread.submit(opened.__enter__).result()
        try:
            yield Studio(thread, browser)
        finally:
            thread.submit(opened.__exit__, None, None, None).result()


def _answer(route: Route, rendered: Rendered) -> None:
    path = urlsplit(route.request.url).path
    if path == "/":
        route.fulfill(body=rendered.body, headers=dict(rendered.headers))
        return
    found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
    if not found:
        route.fulfill(status=404, body="")
        return
    file = Path(str(found))
    route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0] or "text/plain")


def _assert_sound(page: Page, rendered: Rendered, width: int) -> None:
    """No inline style or script, nothing that sticks out, and nothing that axe finds."""
    # As it was sent: what the page's own scripts set by themselves, no policy minds.
    assert INLINE.findall(rendered.body, rendered.body.find(b'id="content"')) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
