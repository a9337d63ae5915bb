"""Every page of the shop by its address, seen by a shopper who has bought, bid, asked and watched."""

import os
import re
from pathlib import Path
from typing import Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

LOGIN = ("shopper", "shopper-demo-1")
NOWHERE = "/nothing/"

GUEST_PAGES = {
    "home": "/",
    "category": "/c/runners/",
    "category-narrowed": "/c/runners/?price=100-150&price=150-200&sort=price-up",
    "search": "/search/?q=low",
    "search-empty": "/search/?q=zzzz",
    "search-of-one-long-word": f"/search/?q={'w' * 100}",
    "drops": "/drops/",
    "sign-in": "/accounts/sign-in/",
    "sign-up": "/accounts/sign-up/",
    "lost-password": "/accounts/password/lost/",
    "link-sent": "/accounts/password/lost/sent/",
    "privacy": "/privacy/",
    "not-found": NOWHERE,
}
MEMBER_PAGES = {
    "account": "/accounts/",
    "password": "/accounts/password/",
    "tokens": "/accounts/tokens/",
    "watchlist": "/watchlist/",
    "orders": "/orders/",
    "sales": "/sales/",
    "bids": "/my/bids/",
    "asks": "/my/asks/",
}


class ShopPages:
    """One visitor in one browser page; every complaint of the console is kept, those about the policy too."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Self:
        self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        return self

    def sign_in(self) -> Self:
        self.open("/accounts/sign-in/")
        self.page.fill("input[name=username]", LOGIN[0])
        self.page.fill("input[name=password]", LOGIN[1])
        self.page.click("main button[type=submit]")
        return self

    def trade(self, slug: str) -> dict[str, str]:
        """Watch a product, bid for it, ask for it and buy it; the pages that are there because of that, by name."""
        watch = self.open(f"/p/{slug}/").page.get_by_role("button", name=re.compile("^Watch"))
        if watch.count():
            watch.first.click()
            self.page.get_by_role("button", name=re.compile("^Stop watching")).wait_for()
        size = self.open(f"/p/{slug}/").page.locator("input[name=size][data-choice]").first.get_attribute("value")
        desk = f"/p/{slug}/buy/?size={size}"
        reviews = {
            "review": f"/p/{slug}/review/?deed=buy&size={size}",
            "review-bid": f"/p/{slug}/review/?deed=bid&size={size}&price=20&days=30",
            "review-ask": f"/p/{slug}/review/?deed=ask&size={size}&price=9000&days=30",
        }
        for name in ("review-bid", "review-ask", "review"):
            self.open(reviews[name]).page.locator("[data-confirm]").click()
            self.page.wait_for_load_state()
        self.open("/orders/").page.locator("main a[href^='/orders/']:not([href='/orders/'])").first.click()
        order = self.page.url.removeprefix(self.url)
        return {"product": f"/p/{slug}/", "desk": desk, **reviews, "order": order}

    def find_faults(self, name: str) -> list[str]:
        """What axe has against the page, whether it is wider than its window, and what the console complained of."""
        folder = os.environ.get("PICTURES")
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        violations = Axe().run(self.page).response["violations"]
        faults = [f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in violations]
        overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{name}: wider by {overflow} px"] if overflow > 0 else []
        faults += [f"{name}: {complaint}" for complaint in self.complaints]
        self.complaints.clear()
        return faults

    def _note(self, message: ConsoleMessage) -> None:
        # The browser itself reports a page that is answered with 404, as it should be.
        if message.type in ("error", "warning") and not message.location["url"].endswith(NOWHERE):
            self.complaints.append(message.text)
