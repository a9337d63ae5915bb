from uuid import uuid4

import pytest

from catalog.exceptions import AskGone
from catalog.models import Trade
from recommendations.exceptions import InvalidInput
from recommendations.models import OutboxInteraction
from recommendations.ports import Shopper
from storefront import checkout
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant

pytestmark = pytest.mark.django_db


def test_checkout_keeps_neither_trade_nor_purchase_when_the_outbox_refuses() -> None:
    variant = make_variant()
    make_ask(variant, 12_000)
    nameless = Shopper(shopper_key="", session_id="visit")

    with pytest.raises(InvalidInput):
        checkout.buy_now(
            variant_id=variant.pk,
            buyer=make_user(),
            shopper=nameless,
            seen_price_cents=12_000,
            idempotency_key=uuid4(),
        )

    assert not Trade.objects.exists()
    assert not OutboxInteraction.objects.exists()


def test_checkout_records_nothing_when_the_market_refuses() -> None:
    variant = make_variant()

    with pytest.raises(AskGone):
        checkout.buy_now(
            variant_id=variant.pk,
            buyer=make_user(),
            shopper=Shopper(shopper_key="k" * 32, session_id="visit"),
            seen_price_cents=12_000,
            idempotency_key=uuid4(),
        )

    assert not OutboxInteraction.objects.exists()
