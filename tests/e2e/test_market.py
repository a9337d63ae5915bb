"""Buy, bid, sell and ask in Chromium, with JavaScript and without; and the market's pages at any width and theme."""

import json
from dataclasses import dataclass
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.looks import LOOKS
from tests.e2e.pages.market_page import MarketPage
from tests.running_shop import RunningShop

PASSWORD = "a-long-secret-1"

# Three sizes of one product, each with three more pieces asked and three more bids than anybody here will meet.
LIVELY = """
import json
from uuid import uuid4
from catalog import services
from catalog.models import Product, Variant
from storefront.accounts.models import User
for name in {names!r}:
    User.objects.filter(username=name).exists() or User.objects.create_user(name, password={password!r})
maker, _ = User.objects.get_or_create(username="maker")
quoted = Variant.objects.filter(quote__lowest_ask_cents__gt=4000, quote__highest_bid_cents__gt=2000)
for product in Product.objects.available().order_by("sku"):
    rows = list(quoted.filter(product=product).select_related("quote")[:3])
    if len(rows) == 3 and len({{row.quote.lowest_ask_cents for row in rows}}) == 3:
        break
for row in rows:
    asked = row.quote.lowest_ask_cents
    services.stock_house_asks(variant_id=row.pk, n_pieces=3, price_cents=asked + 200)
    for _ in range(3):
        services.place_bid(
            variant_id=row.pk, buyer=maker, price_cents=asked - 100, expires_in_days=7, idempotency_key=uuid4()
        )
print(json.dumps([product.slug, [[row.pk, row.size] for row in rows]]))
"""
# Somebody is faster: the lowest ask of a size is bought by another account.
TAKE = """
from uuid import uuid4
from catalog import book, services
from storefront.accounts.models import User
rival, _ = User.objects.get_or_create(username="rival")
before = book.best_prices({variant_id}, not_by=rival.pk).ask_cents
while book.best_prices({variant_id}, not_by=rival.pk).ask_cents == before:
    services.buy_now(variant_id={variant_id}, buyer=rival, seen_price_cents=before, idempotency_key=uuid4())
print("gone")
"""
# What has an order to show, whichever tests ran before.
BOUGHT = """
from uuid import uuid4
from catalog import book, services
from catalog.models import Order
from storefront.accounts.models import User
buyer = User.objects.get(username="buyer-on")
if not Order.objects.filter(buyer=buyer).exists():
    asked = book.best_prices({variant_id}, not_by=buyer.pk).ask_cents
    services.buy_now(variant_id={variant_id}, buyer=buyer, seen_price_cents=asked, idempotency_key=uuid4())
"""
QUOTE = """
import json
from catalog import book
levels = book.levels({variant_id})
print(json.dumps([levels.asks[0].price_cents, levels.bids[0].price_cents]))
"""


@dataclass(frozen=True, slots=True)
class Lively:
    """A product, and three of its sizes that people ask and bid for: id and name of each."""

    slug: str
    sizes: list[tuple[int, str]]


@pytest.fixture(scope="module")
def lively(shop: RunningShop) -> Lively:
    names = [f"{who}-{script}" for who in ("buyer", "seller") for script in ("on", "off")]
    slug, sizes = json.loads(shop.python(LIVELY.format(names=names, password=PASSWORD)))
    return Lively(slug, [(pk, size) for pk, size in sizes])


def quote_of(shop: RunningShop, variant_id: int) -> tuple[int, int]:
    ask_cents, bid_cents = json.loads(shop.python(QUOTE.format(variant_id=variant_id)))
    return ask_cents, bid_cents


def tag(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"${whole:,}" + (f".{rest:02}" if rest else "")


def open_market(browser: Browser, shop: RunningShop, *, java_script: bool) -> MarketPage:
    context = browser.new_context(java_script_enabled=java_script, viewport={"width": 1280, "height": 900})
    return MarketPage(context.new_page(), shop.url)


def enter(market: MarketPage, name: str) -> MarketPage:
    return market.open("/accounts/sign-in/").sign_in(name, PASSWORD)


def script(java_script: bool) -> str:
    return "on" if java_script else "off"


@pytest.mark.e2e
@pytest.mark.parametrize("java_script", [True, False])
def test_stranger_buys_at_the_lowest_ask_by_way_of_signing_in(
    shop: RunningShop, browser: Browser, lively: Lively, java_script: bool
) -> None:
    variant_id, size = lively.sizes[0]
    ask_cents, _ = quote_of(shop, variant_id)
    market = open_market(browser, shop, java_script=java_script).open(f"/p/{lively.slug}/")

    market.choose_size(size).press("Buy now or bid").review_now()
    market.sign_in(f"buyer-{script(java_script)}", PASSWORD)
    expect(market.page.get_by_role("heading", name="Review your purchase")).to_be_visible()
    total = market.total
    market.confirm()

    expect(market.page.get_by_role("status")).to_contain_text(f"It is yours for {total} in all.")
    assert market.standing == "Paid"
    assert tag(ask_cents) in market.page.locator(".receipt-lines").inner_text()
    assert quote_of(shop, variant_id)[0] >= ask_cents
    assert market.complaints == []
    market.page.context.close()


@pytest.mark.e2e
@pytest.mark.parametrize("java_script", [True, False])
def test_bid_stands_is_changed_and_cancelled(
    shop: RunningShop, browser: Browser, lively: Lively, java_script: bool
) -> None:
    _, size = lively.sizes[1]
    market = enter(open_market(browser, shop, java_script=java_script), f"buyer-{script(java_script)}")

    market.open(f"/p/{lively.slug}/").choose_size(size).press("Buy now or bid").name_price("12", 7).confirm()
    expect(market.page.get_by_role("status")).to_contain_text("Your bid stands.")
    assert "$12" in market.lines.first.inner_text()
    market.lines.first.get_by_role("link", name="Edit").click()
    market.name_price("13.50", 3).confirm()
    assert "$13.50" in market.lines.first.inner_text()
    assert "3 days left" in market.lines.first.inner_text()
    market.lines.first.get_by_role("button", name="Cancel").click()

    expect(market.page.get_by_role("status")).to_contain_text("Your bid is cancelled.")
    assert "Cancelled" in market.lines.first.inner_text()
    assert market.complaints == []
    market.page.context.close()


@pytest.mark.e2e
@pytest.mark.parametrize("java_script", [True, False])
def test_ask_stands_and_a_piece_is_sold_to_the_highest_bid_and_shipped(
    shop: RunningShop, browser: Browser, lively: Lively, java_script: bool
) -> None:
    variant_id, size = lively.sizes[2]
    _, bid_cents = quote_of(shop, variant_id)
    market = enter(open_market(browser, shop, java_script=java_script), f"seller-{script(java_script)}")

    market.open(f"/p/{lively.slug}/").choose_size(size).press("Sell now or ask").name_price("9,000", 14).confirm()
    expect(market.page.get_by_role("status")).to_contain_text("Your ask stands.")
    assert "$9,000" in market.lines.first.inner_text()
    market.open(f"/p/{lively.slug}/").choose_size(size).press("Sell now or ask").review_now()
    payout = market.total
    market.confirm()
    expect(market.page.get_by_role("status")).to_contain_text(f"Sold. {payout} for you")
    assert tag(bid_cents) in market.page.locator(".receipt-lines").inner_text()
    market.page.get_by_label("Tracking number").fill("KS 1234")
    market.page.get_by_role("button", name="It is on its way").click()

    assert market.standing == "Shipped"
    assert market.complaints == []
    market.page.context.close()


@pytest.mark.e2e
def test_price_that_moved_under_the_review_charges_nothing_until_it_is_agreed_to(
    shop: RunningShop, browser: Browser, lively: Lively
) -> None:
    variant_id, _ = lively.sizes[2]
    market = enter(open_market(browser, shop, java_script=True), "buyer-on")
    market.open(f"/p/{lively.slug}/review/?deed=buy&size={variant_id}")
    seen = market.total
    assert shop.python(TAKE.format(variant_id=variant_id)) == "gone"

    market.confirm()
    expect(market.page.get_by_role("alert")).to_contain_text("Nothing was charged.")
    expect(market.page.get_by_role("alert")).to_contain_text("The price moved from")
    now = market.total
    market.confirm()

    expect(market.page.get_by_role("status")).to_contain_text(f"It is yours for {now} in all.")
    assert now != seen
    market.page.context.close()


@pytest.mark.e2e
def test_choosing_a_size_brings_its_quote_book_and_chart_without_a_new_page(
    shop: RunningShop, browser: Browser, lively: Lively
) -> None:
    variant_id, size = lively.sizes[1]
    ask_cents, bid_cents = quote_of(shop, variant_id)
    market = open_market(browser, shop, java_script=True).open(f"/p/{lively.slug}/")
    market.page.evaluate("window.isSamePage = true")

    market.choose_size(size)
    expect(market.page.locator("#market-title")).to_have_text(f"The market for size {size}")
    market.page.get_by_role("navigation", name="Stretch of time").get_by_role("link", name="All time").click()
    expect(market.page.locator('.spans a[aria-current="true"]')).to_have_text("All")

    assert (market.quote("ask"), market.quote("bid")) == (tag(ask_cents), tag(bid_cents))
    assert market.page.evaluate("window.isSamePage") is True
    assert f"size={variant_id}" in market.page.url
    assert market.complaints == []
    market.page.context.close()


@pytest.mark.e2e
def test_size_without_javascript_is_shown_by_a_button(shop: RunningShop, browser: Browser, lively: Lively) -> None:
    variant_id, size = lively.sizes[1]
    ask_cents, _ = quote_of(shop, variant_id)
    market = open_market(browser, shop, java_script=False).open(f"/p/{lively.slug}/")

    market.choose_size(size).page.get_by_role("button", name="Show the market of this size").click()

    expect(market.page.locator("#market-title")).to_have_text(f"The market for size {size}")
    assert market.quote("ask") == tag(ask_cents)
    market.page.get_by_role("link", name="The last three months").click()
    expect(market.page.locator('.spans a[aria-current="true"]')).to_have_text("3M")
    expect(market.page.locator("#market-title")).to_have_text(f"The market for size {size}")
    market.page.context.close()


@pytest.mark.e2e
def test_size_and_desk_are_reached_by_keyboard(shop: RunningShop, browser: Browser, lively: Lively) -> None:
    market = open_market(browser, shop, java_script=True).open(f"/p/{lively.slug}/")

    market.page.locator("input[name=size]").first.focus()
    market.page.keyboard.press("Space")
    expect(market.page.locator("#market-title")).to_contain_text("for size")
    market.page.keyboard.press("Tab")
    market.page.keyboard.press("Enter")

    expect(market.page.get_by_role("heading", level=1, name="Buy")).to_be_visible()
    market.page.context.close()


@pytest.mark.e2e
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pages_of_the_market_are_sound_at_any_width_and_theme(
    shop: RunningShop, browser: Browser, lively: Lively, width: int, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
    market = enter(MarketPage(context.new_page(), shop.url), "buyer-on")
    size = lively.sizes[1][0]
    shop.python(BOUGHT.format(variant_id=size))
    paths = {
        "product": f"/p/{lively.slug}/",
        "product with a size": f"/p/{lively.slug}/?size={size}&span=all",
        "buying": f"/p/{lively.slug}/buy/?size={size}",
        "selling": f"/p/{lively.slug}/sell/?size={size}",
        "review of a purchase": f"/p/{lively.slug}/review/?deed=buy&size={size}",
        "review of a bid": f"/p/{lively.slug}/review/?deed=bid&size={size}&price=9999&days=7",
        "a fault": f"/p/{lively.slug}/review/?deed=bid&size={size}&price=cheap",
        "bids": "/my/bids/",
        "asks": "/my/asks/",
        "purchases": "/orders/",
        "sales": "/sales/",
    }

    faults = [fault for name, path in paths.items() for fault in find_faults(market.open(path), name, width)]
    market.open("/orders/").page.locator("a.order").first.click()
    faults += find_faults(market, "an order", width)

    assert faults == []
    context.close()


def find_faults(market: MarketPage, name: str, width: int) -> list[str]:
    """What axe has against the page, and whether it is wider than its window."""
    found = [
        f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in Axe().run(market.page).response["violations"]
    ]
    overflow = market.page.evaluate("document.documentElement.scrollWidth") - width
    return [*found, f"{name}: wider by {overflow} px"] if overflow > 0 else found
