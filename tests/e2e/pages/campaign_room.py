"""The campaign room as an admin uses it."""

from typing import Self

from playwright.sync_api import Locator, Page

from tests.running_shop import RunningShop

ADMIN = ("admin", "admin-demo-1")


class CampaignRoom:
    """One rotation's room in one browser page."""

    def __init__(self, page: Page, shop: RunningShop) -> None:
        self.page, self.url = page, shop.url

    def sign_in(self) -> Self:
        self.page.goto(f"{self.url}/admin/login/?next=/admin/campaigns/")
        self.page.fill("input[name=username]", ADMIN[0])
        self.page.fill("input[name=password]", ADMIN[1])
        self.page.click("input[type=submit]")
        self.page.wait_for_load_state()
        return self

    def open(self) -> Self:
        self.page.goto(f"{self.url}/admin/campaigns/")
        return self

    @property
    def live_side(self) -> str:
        return self.page.locator(".cr-side.is-live h3").inner_text().strip()

    @property
    def runs(self) -> Locator:
        """The runs that are shown, newest first."""
        return self.page.locator(".cr-runs tbody tr:not(.cr-why)")

    @property
    def newest_run(self) -> Locator:
        """How the newest run stands."""
        return self.runs.first.locator(".cr-chip")

    @property
    def under_way(self) -> Locator:
        return self.page.locator("[data-under-way]")

    def ask(self, action: str, reason: str) -> None:
        """Click the action, give the reason and confirm, as impatiently as people do."""
        self.page.click(f"#cr-do-{action}")
        self.page.fill("textarea[name=reason]", reason)
        self.page.dblclick("form button[type=submit].cr-button")
        self.page.wait_for_url("**/admin/campaigns/home/")
