"""Pictures of the pages at both widths, for people to look at.

python -m tests.e2e.screenshots FOLDER
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import chromium
from tests.running_shop import RunningShop

WIDTHS = {"phone": 390, "desktop": 1280}
ADMIN = ("admin", "admin-demo-1")


class Photographer:
    """One visitor at one width, taking a picture of each page it opens."""

    def __init__(self, page: Page, url: str, folder: Path, width: str) -> None:
        self.page, self.url, self.folder, self.width = page, url, folder, width

    def take(self, name: str, path: str = "", *, full: bool = False) -> None:
        if path:
            self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        self.page.screenshot(path=self.folder / f"{name}-{self.width}.jpg", type="jpeg", quality=80, full_page=full)

    def card_paths(self, row: int) -> list[str]:
        links = self.page.locator("[data-row]").nth(row).locator("a.card-link").all()
        return [link.get_attribute("href") or "" for link in links]

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.url}/accounts/sign-in/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")


def tour(photographer: Photographer) -> None:
    photographer.take("home-new", "/", full=True)
    viewed = photographer.card_paths(0)[:3] + photographer.card_paths(2)[:2]
    for path in viewed:
        photographer.page.goto(f"{photographer.url}{path}")
    photographer.page.wait_for_timeout(1500)
    photographer.take("home", "/", full=True)
    photographer.take("home-top")
    photographer.take("product", viewed[0], full=True)
    photographer.take("category", "/c/runners/", full=False)
    photographer.take("search", "/search/?q=low")
    photographer.take("search-empty", "/search/?q=zzzz")
    photographer.take("privacy", "/privacy/")
    photographer.take("sign-in", "/accounts/sign-in/")
    photographer.take("sign-up", "/accounts/sign-up/")
    photographer.take("not-found", "/nothing/")
    photographer.sign_in(*ADMIN)
    photographer.take("product-signed-in", viewed[0], full=True)
    photographer.take("orders", "/orders/")
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


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shop-") as var, RunningShop(Path(var)) as shop, chromium() as browser:
        shop.manage("retrain")
        for width, pixels in WIDTHS.items():
            context = browser.new_context(viewport={"width": pixels, "height": 844 if pixels < 600 else 900})
            tour(Photographer(context.new_page(), shop.url, folder, width))
    print(f"Pictures are in {folder}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
