"""With Valkey standing still the shop goes on, flags still switch, and nothing recorded meanwhile is lost."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from storefront.embedded import addresses
from tests.running_shop import RunningShop

# The bar is 5 s on a quiet machine, and four pages are looked at each time; without it the row would stay for good.
KILL_SWITCH_WITHIN_S = 60.0
# A page waits for Valkey only as long as its short time-outs; the bar is 1 s on a quiet machine.
PAGE_WITHIN_S = 60.0


class Visitor:
    def __init__(self, shop: RunningShop) -> None:
        self.url = shop.url
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str = "/") -> str:
        with self.opener.open(f"{self.url}{path}", timeout=PAGE_WITHIN_S) as answer:
            return str(answer.read().decode())

    def sees_recommended(self) -> bool:
        return 'data-row="recommended"' in self.get()


def valkey_pid(shop: RunningShop) -> int:
    world = Path(shop.environment["VAR_DIR"]) / shop.environment["WORLD"]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "valkey-server" in command and str(world) in command:
            return int(process.name)
    raise AssertionError("The shop's Valkey was not found.")


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def own_urls(shop: RunningShop, monkeypatch: pytest.MonkeyPatch) -> RunningShop:
    """Commands beside the shop are told where its servers are, so that they wait for no Valkey of their own accord."""
    servers = addresses(Path(shop.environment["VAR_DIR"]) / shop.environment["WORLD"])
    monkeypatch.setitem(shop.environment, "DATABASE_URL", servers.database_url)
    monkeypatch.setitem(shop.environment, "REDIS_URL", f"unix://{servers.valkey_socket}")
    return shop


def wait_until(is_so: object, within_s: float) -> float:
    assert callable(is_so)
    started = time.monotonic()
    while time.monotonic() - started < within_s:
        if is_so():
            break
        time.sleep(0.1)
    return time.monotonic() - started


def test_shop_and_kill_switch_work_while_valkey_stands_still(own_urls: RunningShop) -> None:
    visitor = Visitor(own_urls)
    visitor.get()
    slugs = own_urls.python(
        "from catalog.models import Product as P; print(*P.objects.available().values_list('slug', flat=True)[:6])"
    ).split()
    visitor.get(f"/p/{slugs[0]}/")
    assert wait_until(visitor.sees_recommended, 120) < 120

    with standing_still(valkey_pid(own_urls)):
        pages = [visitor.get(), *[visitor.get(f"/p/{slug}/") for slug in slugs[1:]], visitor.get()]
        off = own_urls.manage("ramp", "recommended-for-you", "off", "--reason", "outage drill")
        took_s = wait_until(lambda: not any(visitor.sees_recommended() for _ in range(4)), KILL_SWITCH_WITHIN_S)

    assert all(page.count("data-item-id") >= 24 for page in (pages[0], pages[-1]))
    assert off.returncode == 0, off.stderr
    assert took_s < KILL_SWITCH_WITHIN_S
    own_urls.manage("ramp", "recommended-for-you", "on", "--reason", "drill over")
    assert wait_until(visitor.sees_recommended, 120) < 120
