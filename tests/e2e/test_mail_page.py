"""The page behind the link at the foot of a letter: sound at both widths, in both themes, in all that it says."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from storefront.letters.stopping import GONE, make_stop_token
from tests.e2e.looks import LOOKS
from tests.e2e.pages.rendered import Rendered, Studio, Theme, studio
from tests.factories.letters import make_reader

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
# Where to leave pictures, for people who want to look.
PICTURES = os.environ.get("PICTURES_OF_MAIL")


@pytest.fixture(scope="module")
def opened() -> Iterator[Studio]:
    with studio() as found:
        yield found


def look_at_words(page: Page) -> str:
    return page.locator("main").inner_text()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_page_that_ends_mail_is_sound(opened: Studio, width: int, theme: Theme) -> None:
    reader, address = Client(), reverse("stop-mail", args=[make_stop_token(make_reader("ann"))])
    answers = {
        "asks": reader.get(address),
        "done": reader.post(address),
        "unknown": reader.get(reverse("stop-mail", args=["1:cut-off"])),
    }
    words = {}

    for name, answer in answers.items():
        picture = Path(PICTURES) / f"{name}-{width}-{theme}.png" if PICTURES else None
        assert isinstance(answer, HttpResponse)
        assert answer.status_code == (GONE if name == "unknown" else 200)
        page = Rendered(answer.content, dict(answer.headers))
        words[name] = opened.look(page, look_at_words, theme=theme, width=width, picture=picture)

    assert "Send me none of it" in words["asks"]
    assert "No more mail about orders will come." in words["done"]
    assert "Nothing was changed." in words["unknown"]
