"""Every page of the shop at both widths and in both themes: nothing that axe, the policy or a narrow window minds."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.e2e.pages.shop_pages import GUEST_PAGES, MEMBER_PAGES, ShopPages
from tests.running_shop import RunningShop

Theme = Literal["light", "dark"]

# Each look buys another product, so that none runs out.
BOUGHT = """
from catalog.models import Product, Variant
quoted = Variant.objects.filter(quote__lowest_ask_cents__gt=4000, quote__lowest_ask_cents__lt=100000)
drawn = Product.objects.available().filter(variants__in=quoted, attributes__has_key="silhouette")
print(drawn.distinct().order_by("-sku")[{place}].slug)
"""


def find_faults(
    shop: RunningShop, browser: Browser, width: int, theme: Theme, motion: str = "no-preference", *, place: int = 0
) -> dict[str, list[str]]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce" if motion == "reduce" else "no-preference",
    )
    pages = ShopPages(context.new_page(), shop.url)
    found = {name: pages.open(path).find_faults(name) for name, path in GUEST_PAGES.items()}
    traded = pages.sign_in().trade(shop.python(BOUGHT.format(place=place)))
    pages.complaints.clear()
    found |= {name: pages.open(path).find_faults(name) for name, path in (MEMBER_PAGES | traded).items()}
    context.close()
    return found


@pytest.mark.e2e
def test_every_page_is_sound_on_a_phone_in_the_dark(shop: RunningShop, browser: Browser) -> None:
    found = find_faults(shop, browser, 390, "dark")

    assert [fault for faults in found.values() for fault in faults] == []
    assert len(found) == len(GUEST_PAGES) + len(MEMBER_PAGES) + 6


@pytest.mark.e2e
@pytest.mark.soak
@pytest.mark.parametrize(
    ("width", "theme", "motion", "place"),
    [(390, "light", "reduce", 1), (1280, "light", "no-preference", 2), (1280, "dark", "reduce", 3)],
)
def test_every_page_is_sound_at_any_width_and_theme(
    shop: RunningShop, browser: Browser, width: int, theme: Theme, motion: str, place: int
) -> None:
    found = find_faults(shop, browser, width, theme, motion, place=place)

    assert [fault for faults in found.values() for fault in faults] == []
