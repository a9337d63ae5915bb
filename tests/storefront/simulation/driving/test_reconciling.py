import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from recommendations.events.store import handle
from storefront.simulation.driving.ledger import Ledger
from storefront.simulation.driving.reconciling import reconcile
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "new" / "drive.jsonl", lambda: datetime(2026, 11, 22, tzinfo=UTC)) as opened:
        yield opened


def an_hour_ago() -> datetime:
    now: datetime = settings.CLOCK.now()
    return now - timedelta(hours=1)


def test_everything_stored_once_is_settled(ledger: Ledger) -> None:
    for item_id in ("A", "A", "B"):
        ledger.add("wanda", "product_view", item_id)
        handle([make_interaction(shopper_key="wanda", item_id=item_id)])
    handle([make_interaction(shopper_key="somebody else", item_id="A")])

    stored = reconcile(ledger, since=an_hour_ago())

    assert (stored.n_logged, stored.n_stored, stored.n_lost, stored.n_doubled) == (3, 3, 0, 0)


def test_what_is_lost_and_what_is_doubled_do_not_make_up_for_each_other(ledger: Ledger) -> None:
    ledger.add("wanda", "product_view", "A")
    ledger.add("wanda", "product_view", "B")
    handle([make_interaction(shopper_key="wanda", item_id="A") for _ in range(2)])

    stored = reconcile(ledger, since=an_hour_ago(), patience_s=0)

    assert (stored.n_logged, stored.n_stored, stored.n_lost, stored.n_doubled) == (2, 2, 1, 1)


def test_the_log_holds_a_line_for_each_interaction_of_a_known_shopper(ledger: Ledger) -> None:
    ledger.add("wanda", "watch", "A")
    ledger.add("", "product_view", "A")
    ledger.__exit__(None, None, None)

    lines = [json.loads(line) for line in ledger.path.read_text().splitlines()]

    assert lines == [{"at": "2026-11-22T00:00:00+00:00", "shopper_key": "wanda", "event_type": "watch", "item_id": "A"}]
    assert len(ledger) == 1
