"""Pictures of the pages at both widths and in both themes, for people to look at.

python -m tests.e2e.screenshots FOLDER
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import chromium
from tests.e2e.pages.shop_pages import GUEST_PAGES, MEMBER_PAGES, ShopPages
from tests.running_shop import RunningShop

WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark")
ADMIN = ("admin", "admin-demo-1")


class Photographer:
    """One visitor with one look, taking a picture of each page it opens."""

    def __init__(self, page: Page, url: str, folder: Path, look: str) -> None:
        self.page, self.url, self.folder, self.look = page, url, folder, look

    def take(self, name: str, path: str = "", *, full: bool = False) -> None:
        if path:
            self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        self.page.screenshot(path=self.folder / f"{name}-{self.look}.jpg", type="jpeg", quality=72, full_page=full)

    def card_paths(self, row: int) -> list[str]:
        links = self.page.locator("[data-row]").nth(row).locator("a.card-link").all()
        return [link.get_attribute("href") or "" for link in links]

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.url}/accounts/sign-in/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")


def tour_shop(photographer: Photographer, place: int) -> None:
    """Every page of the shop: as somebody who looked around, then as one who has traded the row's n-th product."""
    photographer.take("home-new", "/", full=True)
    traded = photographer.card_paths(0)[place]
    for path in photographer.card_paths(0)[:3] + photographer.card_paths(2)[:2]:
        photographer.page.goto(f"{photographer.url}{path}")
    photographer.page.wait_for_timeout(1500)
    photographer.take("home-top", "/")
    for name, path in GUEST_PAGES.items():
        photographer.take(name, path, full=name == "home")
    photographer.page.goto(photographer.url)
    photographer.page.locator("#find").press_sequentially("lo", delay=30)
    photographer.page.get_by_role("option").first.wait_for()
    photographer.take("suggestions")
    pages = ShopPages(photographer.page, photographer.url).sign_in()
    for name, path in (MEMBER_PAGES | pages.trade(traded.split("/")[2])).items():
        photographer.take(name, path, full=name == "product")
    photographer.page.context.clear_cookies()


def tour_admin(photographer: Photographer) -> None:
    """What whoever runs the shop looks at."""
    photographer.sign_in(*ADMIN)
    photographer.take("admin", "/admin/", full=True)
    photographer.take("alarms", "/admin/recommendations/alarm/", full=True)
    photographer.take("campaigns", "/admin/campaigns/", full=True)
    photographer.page.locator(".cr-runs tbody a").first.click()
    photographer.take("campaign-run", full=True)
    photographer.take("campaign-retrain", "/admin/campaigns/home/retrain/")
    photographer.take("experiments", "/admin/experiments/experiment/")
    for name in ("Trending", "Recommended For You"):
        photographer.page.goto(f"{photographer.url}/admin/experiments/experiment/")
        photographer.page.locator("#result_list tbody a").filter(has_text=name).first.click()
        photographer.take(f"plan-{name.split()[0].lower()}", full=True)
        photographer.page.get_by_role("navigation").get_by_role("link", name="Ramp", exact=True).click()
        photographer.take(f"ramp-{name.split()[0].lower()}", full=True)
        for tab in ("Results", "Sample size"):
            photographer.page.get_by_role("navigation").get_by_role("link", name=tab, exact=True).click()
            photographer.take(f"{tab.split()[0].lower()}-{name.split()[0].lower()}", full=True)
    photographer.take("experiment-draft", "/admin/experiments/experiment/add/", full=True)
    photographer.take("experiment-preview", "/admin/experiments/experiment/preview/?who=sim-00007", full=True)
    photographer.take("ramp-record", "/admin/experiments/rampchange/")
    photographer.take("inspector", "/admin/inspector/?shopper=sim-00007", full=True)


def take_pictures(url: str, browser: Browser, folder: Path) -> None:
    """The shop at both widths in both themes, the admin in the light alone."""
    for place, ((width, pixels), theme) in enumerate(product(WIDTHS.items(), THEMES)):
        size = {"width": pixels, "height": 844 if pixels < 600 else 900}
        context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
        photographer = Photographer(context.new_page(), url, folder, f"{width}-{theme}")
        tour_shop(photographer, place)
        if theme == "light":
            tour_admin(photographer)
        context.close()


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shop-") as var, RunningShop(Path(var)) as shop, chromium() as browser:
        shop.manage("retrain")
        take_pictures(shop.url, browser, folder)
    print(f"Pictures are in {folder}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
