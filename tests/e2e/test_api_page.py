"""The API's page in a browser: drawn from the schema, offline, under the strict policy, and usable."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Request

from tests.e2e.looks import LOOKS
from tests.running_shop import RunningShop

# The drawing library goes from its title's h1 straight to h3, and leaves its introduction outside of its main part.
OF_THE_LIBRARY = {"heading-order", "region"}


@pytest.mark.e2e
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_api_page_is_drawn_without_a_violation(shop: RunningShop, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith((shop.url, "data:", "blob:")):
            elsewhere.append(request.url)

    page.on("console", note)
    page.on("request", watch)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{shop.url}/api/")
    page.get_by_text("/api/recommendations/").first.wait_for()

    assert complaints == []
    assert elsewhere == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    violations = [one["id"] for one in Axe().run(page).response["violations"]]
    assert [one for one in violations if one not in OF_THE_LIBRARY] == []
    context.close()


@pytest.mark.e2e
def test_api_is_tried_from_its_page(shop: RunningShop, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{shop.url}/api/")
    page.locator("#operations-recommendations-recommendations .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()

    with page.expect_response(lambda response: "/api/recommendations/" in response.url) as asked:
        page.get_by_role("button", name="Execute").click()

    answer = asked.value
    assert (answer.status, len(answer.json()["items"])) == (200, 12)
    page.close()


@pytest.mark.e2e
def test_signed_in_shopper_bids_from_the_apis_page(shop: RunningShop, browser: Browser) -> None:
    size = shop.python(
        "from catalog.models import Variant as V; print(V.objects.filter(product__is_listed=True).first().pk)"
    ).strip()
    shop.python(
        "from storefront.accounts.models import User; User.objects.create_user('bidder', password='long-enough-9')"
    )
    page = browser.new_page()
    page.goto(f"{shop.url}/accounts/sign-in/")
    page.get_by_label("Name").fill("bidder")
    page.get_by_label("Password").fill("long-enough-9")
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.goto(f"{shop.url}/api/")
    page.locator("#operations-bids-place_bid .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("Idempotency-Key").fill("5bd7d5e0-6f0c-4b83-9a55-0d3f6e0f2a10")
    page.locator(".body-param__text").fill(f'{{"variant_id": {size}, "price_cents": 100, "expires_in_days": 1}}')

    with page.expect_response(lambda response: response.url.endswith("/api/bids/")) as asked:
        page.get_by_role("button", name="Execute").click()

    assert (asked.value.status, asked.value.json()["price_cents"]) == (201, 100)
    page.close()
