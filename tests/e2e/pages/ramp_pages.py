"""An experiment's pages in the admin as an admin uses them: the draft's form, the ramp page and its questions."""

from collections.abc import Mapping
from typing import Self

from playwright.sync_api import Locator, Page

from tests.e2e.pages.campaign_room import ADMIN
from tests.running_shop import RunningShop

EXPERIMENTS = "/admin/experiments/experiment/"


class RampPages:
    """All pages of one experiment in one browser page."""

    def __init__(self, page: Page, shop: RunningShop) -> None:
        self.page, self.url = page, shop.url

    def sign_in(self) -> Self:
        self.page.goto(f"{self.url}/admin/login/?next={EXPERIMENTS}")
        self.page.fill("input[name=username]", ADMIN[0])
        self.page.fill("input[name=password]", ADMIN[1])
        self.page.click("input[type=submit]")
        return self

    def open(self, path: str = "") -> Self:
        self.page.goto(f"{self.url}{EXPERIMENTS}{path}")
        return self

    def open_ramp_of(self, key: str) -> Self:
        """By way of the list."""
        self.open()
        self.page.locator("#result_list tr").filter(has_text=key).locator("a").first.click()
        return self.open_tab("Ramp")

    def open_tab(self, label: str) -> Self:
        self.page.get_by_role("navigation").get_by_role("link", name=label, exact=True).click()
        return self

    def fill(self, fields: Mapping[str, str]) -> Self:
        """Fill inputs by name, whatever they are."""
        for name, value in fields.items():
            field = self.page.locator(f"[name='{name}']")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "checkbox":
                field.set_checked(bool(value))
            else:
                field.fill(value)
        return self

    def save(self) -> Self:
        self.page.click("input[name=_save]")
        return self

    def ask(self, label: str) -> Self:
        """Follow an action to its question."""
        self.page.locator(".xp-panel").get_by_role("link", name=label, exact=True).click()
        return self

    def answer(self, reason: str) -> Self:
        """Give the reason and confirm, as impatiently as people do."""
        self.page.fill(".xp-confirm textarea[name=reason]", reason)
        self.page.dblclick(".xp-confirm button[type=submit]")
        return self

    def kill(self, reason: str) -> Self:
        self.page.fill(".xp-kill textarea", reason)
        self.page.click(".xp-kill button")
        return self

    @property
    def state(self) -> Locator:
        return self.page.locator(".xp-state")

    @property
    def now(self) -> Locator:
        return self.page.locator(".xp-now")

    @property
    def message(self) -> Locator:
        return self.page.locator(".messagelist")

    @property
    def history(self) -> Locator:
        return self.page.locator(".xp-history-what strong")

    @property
    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
