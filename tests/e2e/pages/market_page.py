"""Buying and selling as a shopper does it: the product page, the desk, the review, one's own bids, asks and orders."""

import re
from typing import Self

from playwright.sync_api import ConsoleMessage, Locator, Page

# A page that has not done by then will not, however busy the machine is.
MOST_MS = 30_000


class MarketPage:
    """One shopper at one browser page; `complaints` holds what the browser's console had against it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.set_default_timeout(MOST_MS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Self:
        self.page.goto(f"{self.url}{path}")
        return self

    def sign_in(self, name: str, password: str) -> Self:
        """Fill in the sign-in form that stands open."""
        self.page.locator("input[name=username]").fill(name)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        return self

    def choose_size(self, size: str) -> Self:
        """Take a size by its tile, as a finger does."""
        self.page.locator("label.size", has=self.page.locator("b", has_text=exactly(size))).click()
        return self

    def press(self, name: str) -> Self:
        """One of the two buttons under the sizes."""
        self.page.locator("#offers").get_by_role("button", name=name).click()
        return self

    def name_price(self, price: str, days: int) -> Self:
        """The desk's form, up to its review."""
        self.page.locator("#price").fill(price)
        self.page.locator("label.day", has_text=exactly(f"{days} days")).click()
        self.page.locator("form.limit").get_by_role("button").click()
        return self

    def review_now(self) -> Self:
        """From the desk to the review of what is done at once."""
        self.page.locator(".way-now").get_by_role("link").click()
        return self

    def confirm(self) -> Self:
        """The last click."""
        self.page.locator("[data-confirm]").click()
        return self

    @property
    def total(self) -> str:
        """What a review says one pays or gets."""
        return self.page.locator("[data-total]").inner_text()

    @property
    def lines(self) -> Locator:
        """One's own bids or asks."""
        return self.page.locator("li.line")

    @property
    def standing(self) -> str:
        """Where an order stands."""
        return self.page.locator('.life-step[aria-current="step"] b').inner_text()

    def quote(self, part: str) -> str:
        """`ask`, `bid`, `sale`, `spread` or `premium` of the quote above the sizes."""
        return self.page.locator(f'#quote [data-part="{part}"]').inner_text()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(message.text)


def exactly(text: str) -> re.Pattern[str]:
    """The whole text of an element, spaces around it aside."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$")
