"""A visitor browses a category and searches, with JavaScript and without: facets, orders, suggestions, the gallery."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looks import LOOKS
from tests.e2e.pages.list_page import ListPage
from tests.e2e.pages.shop_pages import ShopPages
from tests.running_shop import RunningShop

BRANDED = """
from catalog.models import Product
first = Product.objects.available().filter(category__slug="runners").order_by("sku").select_related("brand")[0]
print(first.brand.slug, first.brand.name, first.slug, first.attributes["model"], sep="|")
"""


@pytest.fixture(scope="module")
def branded(shop: RunningShop) -> tuple[str, str, str, str]:
    """A brand of runners, by slug and name, and one of its products, by slug and model."""
    slug, name, product, model = shop.python(BRANDED).split("|")
    return slug, name, product, model


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def listing(request: pytest.FixtureRequest, shop: RunningShop, browser: Browser) -> Iterator[ListPage]:
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900})
    yield ListPage(context.new_page(), shop.url)
    context.close()


def brand_facet(page: Page, slug: str) -> tuple[int, Page]:
    choice = page.locator(f"#brand-{slug}")
    promised = int(choice.locator(".facet-count").inner_text().split()[0])
    choice.click()
    expect(page.locator(".chosen")).to_be_visible()
    return promised, page


@pytest.mark.e2e
def test_category_is_narrowed_ordered_and_widened_by_links(
    listing: ListPage, branded: tuple[str, str, str, str]
) -> None:
    whole = listing.open("/c/runners/").item_ids

    promised, page = brand_facet(listing.page, branded[0])
    narrowed = listing.item_ids
    listing.sort("Lowest price")

    assert len(narrowed) == min(promised, 24)
    assert page.url.endswith(f"/c/runners/?brand={branded[0]}&sort=price-up")
    prices = [int(text.replace("$", "").replace(",", "")) for text in page.locator(".card-price b").all_inner_texts()]
    assert prices == sorted(prices)
    page.get_by_role("link", name="Clear all").first.click()
    page.wait_for_url("**/c/runners/?sort=price-up")
    page.go_back()
    expect(page.locator(".chosen")).to_be_visible()
    assert listing.open("/c/runners/").item_ids == whole


@pytest.mark.e2e
def test_list_that_comes_without_a_new_page_is_told_and_keeps_the_focus(
    shop: RunningShop, browser: Browser, branded: tuple[str, str, str, str]
) -> None:
    page = browser.new_page()
    page.goto(f"{shop.url}/c/runners/")
    page.evaluate("window.isSamePage = true")

    page.locator(f"#brand-{branded[0]}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_be_visible()

    expect(page.locator("[data-listing-said]")).to_have_text(page.locator(".list-head p").inner_text())
    assert page.evaluate("window.isSamePage")
    expect(page.locator(f"#brand-{branded[0]}")).to_be_focused()
    page.close()


@pytest.mark.e2e
def test_focus_stays_in_the_list_where_its_link_is_gone_or_was_folded(
    shop: RunningShop, browser: Browser, branded: tuple[str, str, str, str]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{shop.url}/c/runners/")

    page.locator(".facets > summary").click()
    page.locator(f"#brand-{branded[0]}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_be_visible()
    expect(page.locator(f"#brand-{branded[0]}")).to_be_focused()

    page.get_by_role("link", name="Clear all").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.close()


@pytest.mark.e2e
def test_search_finds_and_helps_where_nothing_is_found(listing: ListPage, branded: tuple[str, str, str, str]) -> None:
    page = listing.open("/").page
    _, _, _, model = branded
    word = model.split()[0].lower()

    page.fill("#find", word[:-1] + "q" + word[-1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing matches")
    page.locator(".meant").click()
    page.wait_for_url("**/search/**")

    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Nothing")
    assert listing.item_ids
    assert page.locator(".facet-choice").count() > 0


@pytest.mark.e2e
def test_suggestions_are_walked_by_the_keyboard(
    shop: RunningShop, browser: Browser, branded: tuple[str, str, str, str]
) -> None:
    page = browser.new_page()
    page.goto(f"{shop.url}/")
    box = page.get_by_role("combobox", name="Search products")
    # As few letters as are asked about: the answer to more could come between the keys that follow.
    box.press_sequentially(branded[1][:2], delay=20)
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_be_visible()

    box.press("ArrowDown")
    first = options.first.get_attribute("href")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    assert box.get_attribute("aria-expanded") == "false"
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")

    page.wait_for_url(f"**{first}")
    page.close()


@pytest.mark.e2e
def test_gallery_shows_three_views_by_the_keyboard(listing: ListPage, branded: tuple[str, str, str, str]) -> None:
    page = listing.open(f"/p/{branded[2]}/").page
    stage = page.locator(".gallery-stage img")
    side = page.get_by_role("radio", name="Side")

    expect(stage.nth(0)).to_be_visible()
    side.focus()
    page.keyboard.press("ArrowRight")
    expect(stage.nth(1)).to_be_visible()
    page.keyboard.press("ArrowRight")

    expect(stage.nth(2)).to_be_visible()
    expect(stage.nth(0)).to_be_hidden()
    assert stage.nth(2).get_attribute("alt")


@pytest.mark.e2e
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_what_unfolds_is_sound_as_well(shop: RunningShop, browser: Browser, width: int, theme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    pages = ShopPages(context.new_page(), shop.url).open("/")
    pages.page.locator("#find").press_sequentially("lo", delay=20)
    expect(pages.page.get_by_role("option").first).to_be_visible()
    pages.page.keyboard.press("ArrowDown")

    faults = pages.find_faults(f"suggestions-{width}")
    if width == 390:
        pages.open("/c/runners/").page.get_by_text("Narrow down").click()
        expect(pages.page.locator(".facet-choice").first).to_be_visible()
        pages.page.get_by_text("More").first.click()
        faults += pages.find_faults("facets-open")

    assert faults == []
    context.close()
