"""The homepage as a shopper sees it."""

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class SeenRow:
    key: str
    title: str
    item_ids: tuple[str, ...]


class HomePage:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> "HomePage":
        self.page.goto(self.url)
        return self

    @property
    def shown_items(self) -> set[str]:
        return {item for row in self.rows for item in row.item_ids}

    @property
    def rows(self) -> list[SeenRow]:
        # A click comes back with the page's first bytes.
        self.page.wait_for_load_state()
        return [
            SeenRow(
                row.get_attribute("data-row") or "",
                row.locator("h2").first.inner_text(),
                tuple(card.get_attribute("data-item-id") or "" for card in row.locator("[data-item-id]").all()),
            )
            for row in self.page.locator("[data-row]").all()
        ]
