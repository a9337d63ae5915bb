import pytest

from catalog.exceptions import OrderRefused, QuoteMoved
from storefront.errors import REFUSALS, refusal_of


@pytest.mark.parametrize("kind", OrderRefused.__subclasses__())
def test_errors_table_tells_every_refusal_of_the_market(kind: type[OrderRefused]) -> None:
    refusal = REFUSALS.get(kind.code)

    assert refusal is not None
    assert 400 <= refusal.status < 500


def test_errors_tell_a_moved_price_in_the_worlds_currency() -> None:
    error = QuoteMoved(seen_price_cents=255, price_cents=12_000)

    refusal = refusal_of(error, "GBP")

    assert "from £2.55 to £120" in refusal.words
