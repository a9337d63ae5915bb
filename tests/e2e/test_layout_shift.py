"""Pages stand still while they load, on a phone and on a desk: what moves is measured as browsers measure it."""

import pytest
from playwright.sync_api import Browser

from tests.running_shop import RunningShop

# The field's bar is 0.1 for three visits of four; a page on this machine has no excuse for any.
MOST_SHIFT = 0.02
MOST_SCRIPT_BYTES = 25 * 1024
# A first view's markup, styles, scripts and font, as they are sent, without pictures.
MOST_BYTES = 150 * 1024

MEASURE = """
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift = (window.shift || 0) + entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
SENT = """
performance.getEntries()
  .filter((one) => ["navigation", "resource"].includes(one.entryType))
  .map((one) => [one.name, one.encodedBodySize])
"""
PRODUCT = """
from catalog.models import Product
print(Product.objects.available().filter(category__slug="runners").order_by("sku")[0].slug)
"""


@pytest.fixture(scope="module")
def addresses(shop: RunningShop) -> list[str]:
    return ["/", "/c/runners/", "/search/?q=low", f"/p/{shop.python(PRODUCT)}/", "/drops/", "/accounts/sign-up/"]


@pytest.mark.e2e
@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.soak)])
def test_pages_stand_still_and_are_light(shop: RunningShop, browser: Browser, addresses: list[str], width: int) -> None:
    shifts, scripts, totals = {}, {}, {}

    for address in addresses:
        # A context of its own, so that nothing comes from an earlier page's cache.
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_init_script(MEASURE)
        page = context.new_page()
        page.goto(f"{shop.url}{address}", wait_until="networkidle")
        page.mouse.wheel(0, 1200)
        page.wait_for_timeout(300)
        sent = [(name.partition("?")[0], size) for name, size in page.evaluate(SENT)]
        shifts[address] = page.evaluate("window.shift || 0")
        scripts[address] = sum(size for name, size in sent if name.endswith(".js"))
        totals[address] = sum(size for name, size in sent if "/art/" not in name)
        context.close()

    assert max(shifts.values()) <= MOST_SHIFT, shifts
    assert max(scripts.values()) <= MOST_SCRIPT_BYTES, scripts
    assert max(totals.values()) <= MOST_BYTES, totals
