"""The running shop, a browser, and the few facts of the demo catalogue that the tests steer by."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import chromium

# Five seconds by default, which a page may take where others use the machine.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running
