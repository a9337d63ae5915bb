import re

import pytest
from django.test import Client

from catalog import housekeeping
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/suspension/"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def choices_in(page: str) -> dict[str, str]:
    """Each choice's words and its address."""
    _, _, nav = page.partition('<nav id="changelist-filter"')
    found = re.findall(r'<li[^>]*>\s*<a href="([^"]+)">\s*([^<]+?)\s*</a>', nav)
    return {words: LIST + address.replace("&amp;", "&") for address, words in found}


def test_filter_of_presence_speaks_in_its_lists_words_and_narrows_by_them(staff: Client) -> None:
    stands, lifted = make_user(), make_user()
    for account in (stands, lifted):
        housekeeping.suspend(account=account, by=make_user(), reason="Sells copies.")
    housekeeping.lift_suspension(account=lifted)

    page = staff.get(LIST).content.decode()
    choices = choices_in(page)
    shown = {words: staff.get(address).content.decode() for words, address in choices.items()}

    assert list(choices) == ["All", "In force", "Lifted"]
    assert "By standing" in page
    assert (f">{stands}</a>" in shown["In force"], f">{lifted}</a>" in shown["In force"]) == (True, False)
    assert (f">{stands}</a>" in shown["Lifted"], f">{lifted}</a>" in shown["Lifted"]) == (False, True)


def test_filter_of_presence_counts_where_it_is_asked_to(staff: Client) -> None:
    housekeeping.suspend(account=make_user(), by=make_user(), reason="Sells copies.")

    choices = choices_in(staff.get(LIST, {"_facets": "True"}).content.decode())

    assert list(choices) == ["All", "In force (1)", "Lifted (0)"]
