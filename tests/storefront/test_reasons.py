"""A reason is told in the word for what was done, and not at all where nothing was."""

from uuid import uuid4

import pytest

from recommendations.events.schema import EVENT_TYPES
from recommendations.ports import Shopper
from recommendations.serving.acts import LOOKS, TELLING
from storefront.accounts.models import User
from storefront.page_view import PageView
from storefront.reasons import WORDS, Because, find_reasons
from tests.factories.second_row import look_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("product_view", "Because you viewed Harbour Low"),
        ("watch", "Because you watch Harbour Low"),
        ("ask", "Because you offered Harbour Low"),
        ("bid", "Because you bid on Harbour Low"),
        ("purchase", "Because you bought Harbour Low"),
    ],
)
def test_reason_is_worded_by_what_was_done(act: str, words: str) -> None:
    reason = Because("low", act)

    assert reason.to_words("high", "Harbour Low") == words
    assert reason.to_words("high", "") == ""
    assert "Harbour" not in reason.to_words("low", "Harbour Low")


def test_every_event_that_tells_of_a_liking_has_its_words() -> None:
    assert set(WORDS) == set(TELLING)
    assert set(EVENT_TYPES) - LOOKS - set(TELLING) == {"return", "hide"}


def test_nothing_is_told_to_a_shopper_of_whom_nothing_is_recorded() -> None:
    shopper = Shopper(uuid4().hex, "s" * 16)
    look_at(shopper, "low")
    hidden = Shopper(shopper.shopper_key, shopper.session_id, has_consent=False)

    assert find_reasons(PageView(shopper), {"high": "low", "mid": "never"}) == {"high": Because("low", "product_view")}
    assert find_reasons(PageView(hidden), {"high": "low"}) == {}


def test_nothing_is_told_on_a_device_that_its_account_has_left() -> None:
    shopper = Shopper(uuid4().hex, "s" * 16)
    look_at(shopper, "low")
    owner = User.objects.create_user(username="ann", password=uuid4().hex)
    User.objects.filter(pk=owner.pk).update(shopper_key=shopper.shopper_key)

    assert find_reasons(PageView(shopper, user=owner), {"high": "low"}) == {"high": Because("low", "product_view")}
    assert find_reasons(PageView(shopper), {"high": "low"}) == {}
