"""The market's admin pages in a browser: at both widths, in both themes, sound for a screen reader."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page

from catalog import housekeeping
from catalog.payments.paying import pay
from storefront.letters.models import Letter
from storefront.letters.writing import write_letters
from tests.e2e.looks import LOOKS
from tests.e2e.pages.rendered import Rendered, Studio, Theme, studio
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid
from tests.factories.drops import make_announced
from tests.factories.letters import make_reader
from tests.factories.orders import make_house_order, make_order

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
# Where to leave pictures, for people who want to look.
PICTURES = os.environ.get("PICTURES_OF_ADMIN")


@pytest.fixture(scope="module")
def opened() -> Iterator[Studio]:
    with studio() as found:
        yield found


@pytest.fixture
def addresses() -> dict[str, str]:
    """Each page's name and address, in a market where something happened."""
    write_letters()
    order = make_order("shipped", price_cents=123_450, buyer=make_reader("ann"), seller=make_reader("bob"))
    write_letters()
    Letter.objects.update(status=Letter.Status.UNSURE)
    make_order("paid", token="test-refund-declined")
    make_house_order("paid")
    make_order("completed", price_cents=98_700)
    silent = make_order(token="test-silent")
    pay(silent.pk)
    unanswered = silent.payments.get()
    make_ask(order.trade.variant, 14_000, make_user())
    make_bid(order.trade.variant, 11_000)
    suspension = housekeeping.suspend(account=make_user(), by=make_user(), reason="Sells copies.")
    make_announced(name="Estuary High with the Longest Name of All", sizes=("US 9", "US 9.5", "US 10"), n_pieces=1_200)
    return {
        "products": "/admin/catalog/product/",
        "drops": "/admin/catalog/drop/",
        "trades": "/admin/catalog/trade/",
        "suspensions": "/admin/catalog/suspension/",
        "orders": "/admin/catalog/order/",
        "order": f"/admin/catalog/order/{order.pk}/change/",
        "refund": f"/admin/catalog/order/{order.pk}/refund/",
        "fees": "/admin/catalog/order/fees/",
        "payments": "/admin/catalog/payment/?waits=any",
        "payment": f"/admin/catalog/payment/{unanswered.pk}/change/",
        "close": f"/admin/catalog/payment/{unanswered.pk}/close/",
        "payouts": "/admin/catalog/payout/",
        "asks": "/admin/catalog/ask/",
        "bids": "/admin/catalog/bid/",
        "suspend": "/admin/catalog/suspension/add/",
        "suspension": f"/admin/catalog/suspension/{suspension.pk}/change/",
        "announce": "/admin/catalog/drop/add/",
        "letters": "/admin/letters/letter/?status__exact=unsure",
        "letter": f"/admin/letters/letter/{Letter.objects.latest('pk').pk}/change/",
    }


def look_at_title_and_list(page: Page) -> tuple[str, int]:
    """The title, and how much of lists and of the rows below a page lies beyond their right end."""
    tables = page.locator(".results, .rows-scroll")
    beyond: list[int] = tables.evaluate_all("(boxes) => boxes.map((box) => box.scrollWidth - box.clientWidth)")
    return page.locator("#content h1").first.inner_text(), sum(beyond)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_admin_of_the_market_is_sound(addresses: dict[str, str], opened: Studio, width: int, theme: Theme) -> None:
    staff = Client()
    staff.force_login(make_user(is_staff=True, is_superuser=True))
    titles, hidden = {}, {}

    for name, address in addresses.items():
        picture = Path(PICTURES) / f"{name}-{width}-{theme}.png" if PICTURES else None
        page = Rendered.of(staff.get(address))
        look = opened.look(page, look_at_title_and_list, theme=theme, width=width, picture=picture)
        titles[name], hidden[name] = look

    letters = {"action": "send_again", "_selected_action": list(Letter.objects.values_list("pk", flat=True))}
    picture = Path(PICTURES) / f"send-again-{width}-{theme}.png" if PICTURES else None
    asks = Rendered.of(staff.post("/admin/letters/letter/", letters))
    title, _ = opened.look(asks, look_at_title_and_list, theme=theme, width=width, picture=picture)

    assert {name: n_pixels for name, n_pixels in hidden.items() if n_pixels} == {}
    assert title == "Send letters again"
    assert titles["suspend"] == "Suspend an account"
    assert titles["announce"] == "Announce a drop"
    assert titles["fees"] == "Fees"
    assert titles["refund"].startswith("Refund order")
    assert titles["close"].startswith("End the wait for payment")
