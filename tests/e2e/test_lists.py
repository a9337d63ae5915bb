"""Similar items under a product, lists in the shopper's own order, the reason on a card: as a browser shows them."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.looks import LOOKS
from tests.e2e.pages.list_page import ListPage
from tests.running_shop import RunningShop

# Ticks train these rotations once the shop is open, behind whatever else waits for the trainer.
TRAINED_WITHIN_S = 420.0
# The bar is 2 s on a quiet machine; the gate is patient: what does not follow never does.
FOLLOWS_WITHIN_S = 60.0

LIVE = """
from recommendations.models import LiveCampaign
print(*LiveCampaign.objects.filter(rotation__in=["similar", "ranking"]).values_list("rotation", flat=True))
"""
TASTE = """
from catalog.models import Product
of_brand = Product.objects.available().filter(category__slug="runners").order_by("brand__slug", "released_on", "sku")
brands = {}
for sku, slug, brand in of_brand.values_list("sku", "slug", "brand__slug"):
    brands.setdefault(brand, []).append((sku, slug))
import json
print(json.dumps(max(brands.values(), key=len)))
"""
SHOWN = """
import json
from recommendations.models import Impression, Interaction, RecommendationServed
served = RecommendationServed.objects.filter(row={row!r}, rotation={rotation!r})
lists = {{one.recommendation_id: one for one in served}}
seen = set(Impression.objects.filter(recommendation_id__in=lists).values_list("recommendation_id", "rank"))
clicks = Interaction.objects.filter(event_type={click!r}, recommendation_id__in=lists)
clicked = [(one.item_id, lists[one.recommendation_id].item_ids.index(one.item_id) + 1) for one in clicks]
print(json.dumps({{"seen": len(seen), "clicked": clicked}}))
"""


@pytest.fixture(scope="module", autouse=True)
def trained(shop: RunningShop) -> None:
    """Nobody trains these by hand: the shop's own ticks do."""
    wait_until(lambda: len(shop.python(LIVE).split()) == 2, TRAINED_WITHIN_S, every_s=2.0)


@pytest.fixture(scope="module")
def taste(shop: RunningShop) -> list[tuple[str, str]]:
    """SKU and slug of the runners of the brand that has most of them."""
    return [(sku, slug) for sku, slug in json.loads(shop.python(TASTE))]


def wait_until(is_so: Callable[[], bool], within_s: float, *, every_s: float = 0.2) -> float:
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < within_s
        time.sleep(every_s)
    return time.monotonic() - began_s


def open_context(
    browser: Browser, *, width: int = 1280, scheme: str = "light", java_script: bool = True
) -> BrowserContext:
    theme: Literal["light", "dark"] = "dark" if scheme == "dark" else "light"
    viewport = {"width": width, "height": 900}
    return browser.new_context(
        java_script_enabled=java_script,
        viewport=viewport,  # type: ignore[arg-type]
        color_scheme=theme,
        bypass_csp=True,
    )


def look_at(page: Page, shop: RunningShop, slugs: list[str]) -> None:
    for slug in slugs:
        page.goto(f"{shop.url}/p/{slug}/")


def find_faults(page: Page, name: str) -> list[str]:
    """What axe has against the page, and whether it is wider than its window; a picture where one is wanted."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = [f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in Axe().run(page).response["violations"]]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"{name}: wider by {overflow} px"] if overflow > 0 else found


@pytest.mark.e2e
@pytest.mark.parametrize("java_script", [True, False])
def test_category_follows_the_shopper_by_a_link(
    shop: RunningShop, browser: Browser, taste: list[tuple[str, str]], java_script: bool
) -> None:
    listing = ListPage(open_context(browser, java_script=java_script).new_page(), shop.url)
    own = listing.open("/c/runners/").item_ids
    newcomer = listing.sort("For you")
    assert newcomer.item_ids == own
    expect(listing.page.get_by_role("status")).to_contain_text("Look at a few products first.")

    look_at(listing.page, shop, [slug for _, slug in taste[:4]])
    liked = {sku for sku, _ in taste}

    def follows() -> bool:
        first = listing.open("/c/runners/?sort=for-you").item_ids[:8]
        return "follows you" in listing.note and len(liked & set(first)) >= 4

    wait_until(follows, FOLLOWS_WITHIN_S)

    assert listing.sorted_by == "For you"
    first = listing.item_ids
    listing.page.get_by_role("link", name="Next").click()
    assert "sort=for-you" in listing.page.url
    assert not set(first) & set(listing.item_ids)
    assert listing.open("/c/runners/?sort=for-you").sort("Newest").item_ids == own
    listing.page.context.close()


@pytest.mark.e2e
def test_search_follows_the_shopper_and_keeps_its_words(
    shop: RunningShop, browser: Browser, taste: list[tuple[str, str]]
) -> None:
    listing = ListPage(open_context(browser).new_page(), shop.url)
    look_at(listing.page, shop, [slug for _, slug in taste[:4]])
    # So few match that all stand on one page.
    words = f"{taste[0][1].partition('-')[0]} runner"
    own = listing.open(f"/search/?q={quote(words)}").item_ids

    wait_until(lambda: "follows you" in listing.open(f"/search/?q={quote(words)}&sort=for-you").note, FOLLOWS_WITHIN_S)

    assert sorted(listing.item_ids) == sorted(own)
    assert listing.item_ids != own
    assert listing.page.input_value("#find") == words
    listing.page.context.close()


@pytest.mark.e2e
def test_new_lists_are_recorded_as_seen_and_clicked(
    shop: RunningShop, browser: Browser, taste: list[tuple[str, str]]
) -> None:
    listing = ListPage(open_context(browser).new_page(), shop.url)
    look_at(listing.page, shop, [slug for _, slug in taste[:3]])
    wait_until(lambda: "follows you" in listing.open("/c/runners/?sort=for-you").note, FOLLOWS_WITHIN_S)

    listing.page.wait_for_timeout(2_500)
    second = listing.item_ids[1]
    listing.page.locator("main .card-link").nth(1).click()
    listing.beside.scroll_into_view_if_needed()
    listing.page.wait_for_timeout(2_500)
    first_beside = listing.beside.locator("[data-item-id]").first.get_attribute("data-item-id")
    listing.beside.locator(".card-link").first.click()
    listing.open("/privacy/")

    def recorded(row: str, rotation: str) -> dict[str, list[object]]:
        found: dict[str, list[object]] = json.loads(
            shop.python(SHOWN.format(row=row, rotation=rotation, click="row_click"))
        )
        return found

    wait_until(lambda: [second, 2] in recorded("category", "ranking")["clicked"], 60.0, every_s=1.0)
    wait_until(lambda: [first_beside, 1] in recorded("similar", "similar")["clicked"], 60.0, every_s=1.0)
    wait_until(lambda: bool(recorded("category", "ranking")["seen"]), 60.0, every_s=1.0)
    wait_until(lambda: bool(recorded("similar", "similar")["seen"]), 60.0, every_s=1.0)
    listing.page.context.close()


@pytest.mark.e2e
def test_card_says_because_of_what_it_is_there(
    shop: RunningShop, browser: Browser, taste: list[tuple[str, str]]
) -> None:
    page = open_context(browser).new_page()
    look_at(page, shop, [slug for _, slug in taste[:5]])
    reasons = page.locator('[data-row="recommended"] .card-because')

    def is_told() -> bool:
        page.goto(f"{shop.url}/")
        return reasons.count() >= 3

    wait_until(is_told, FOLLOWS_WITHIN_S)

    names = shop.python(
        f"from catalog.models import Product; print(*Product.objects.filter(sku__in={[sku for sku, _ in taste[:5]]!r})"
        ".values_list('name', flat=True), sep='\\n')"
    ).splitlines()
    told = reasons.all_inner_texts()
    assert all(one == "You viewed this before" or one.removeprefix("Because you viewed ") in names for one in told)
    page.context.close()


@pytest.mark.e2e
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_new_lists_are_sound_at_any_width_and_theme(
    shop: RunningShop, browser: Browser, taste: list[tuple[str, str]], width: int, scheme: str
) -> None:
    listing = ListPage(open_context(browser, width=width, scheme=scheme).new_page(), shop.url)
    faults = find_faults(listing.open("/c/runners/?sort=for-you").page, f"newcomer-{width}-{scheme}")
    look_at(listing.page, shop, [slug for _, slug in taste[:5]])
    wait_until(lambda: "follows you" in listing.open("/c/runners/?sort=for-you").note, FOLLOWS_WITHIN_S)

    faults += find_faults(listing.page, f"category-{width}-{scheme}")
    faults += find_faults(listing.open("/search/?q=low&sort=for-you").page, f"search-{width}-{scheme}")
    faults += find_faults(listing.open(f"/p/{taste[0][1]}/").page, f"product-{width}-{scheme}")
    expect(listing.beside.get_by_role("heading", name="Similar Items")).to_be_visible()
    faults += find_faults(listing.open("/").page, f"home-{width}-{scheme}")

    assert faults == []
    listing.page.context.close()
