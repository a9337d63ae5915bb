"""A product, a category or a search result as a shopper sees it."""

from typing import Self

from playwright.sync_api import Locator, Page, expect


class ListPage:
    """One page with cards, in one browser page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, path: str) -> Self:
        self.page.goto(f"{self.url}{path}")
        return self

    def sort(self, title: str) -> Self:
        """Choose an order by its link, and wait for the list: where scripts run it comes without a new page."""
        self.page.get_by_role("navigation", name="Order").get_by_role("link", name=title, exact=True).click()
        expect(self.page.locator('.sort a[aria-current="true"]')).to_have_text(title)
        return self

    @property
    def sorted_by(self) -> str:
        return self.page.locator('.sort a[aria-current="true"]').inner_text()

    @property
    def note(self) -> str:
        return self.page.locator(".list-head p").inner_text()

    @property
    def beside(self) -> Locator:
        """The row under a product."""
        return self.page.locator('[data-row="similar"]')

    @property
    def item_ids(self) -> tuple[str, ...]:
        # A click comes back with the page's first bytes.
        self.page.wait_for_load_state()
        cards = self.page.locator("main .card[data-item-id]").all()
        return tuple(card.get_attribute("data-item-id") or "" for card in cards)
