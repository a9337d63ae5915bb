"""An event taken by one process changes the lists that another serves, the shopper's own and other shoppers'."""

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from recommendations.adapters.embedded import following
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.adapters.embedded.training import train_next
from recommendations.adapters.registry import get_backend
from tests.factories.retraining import past_of, write_csv
from tests.quickness import quickest_s

pytestmark = pytest.mark.django_db

WITHIN_S = 1.0
TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
# What another process does: each named shopper views each item; it tells when, by the clock all processes share.
PUT = """
import sys, time
from datetime import UTC, datetime
from uuid import uuid4
import django
from django.conf import settings
state_url, tracking_id, shoppers, items = sys.argv[1:]
settings.configure(STATE_URL=state_url)
from recommendations.adapters.embedded.rings import append_events
from recommendations.ports import Interaction
now = datetime.now(UTC)
append_events(tracking_id, [])
views = [
    Interaction(uuid4(), shopper, "s", item, "product_view", now, now)
    for shopper in shoppers.split(",")
    for item in items.split(",")
]
print(time.monotonic(), flush=True)
append_events(tracking_id, views)
"""


class Shop:
    """A trained campaign, served here."""

    def __init__(self, world: Path) -> None:
        control = get_backend("embedded").control
        group_arn = control.ensure_dataset_group("live", tags={}).arn
        self.tracking_id = control.ensure_event_tracker("live", dataset_group_arn=group_arn).tracking_id
        location = write_csv(world / "past.csv", past_of(TASTES))
        control.ensure_import("job", dataset_group_arn=group_arn, location=location)
        version = control.ensure_solution_version(
            "live",
            dataset_group_arn=group_arn,
            recipe="aws-user-personalization",
            hyperparameters={},
            event_weights={},
        )
        train_next()
        self._arn = control.ensure_campaign("live", solution_version_arn=version.arn).arn
        self._runtime = EmbeddedRuntime()

    def scores(self, user_id: str) -> dict[str, float]:
        answer = self._runtime.get_recommendations(self._arn, user_id=user_id, k=32)
        return dict(zip(answer.item_ids, answer.scores, strict=True))


@pytest.fixture
def shop(calm_world: Path) -> Shop:
    return Shop(calm_world)


def seconds_until(is_so: Callable[[], bool], shop: Shop, shoppers: list[str], items: list[str]) -> float:
    """How long after another process put the events it is so; not until that process has ended, which takes longer."""
    arguments = [django_settings.STATE_URL, shop.tracking_id, ",".join(shoppers), ",".join(items)]
    with subprocess.Popen([sys.executable, "-c", PUT, *arguments], stdout=subprocess.PIPE, text=True) as elsewhere:
        assert elsewhere.stdout is not None
        put_at_s = float(elsewhere.stdout.readline())
        while not is_so():
            assert time.monotonic() - put_at_s < 60, "waited in vain"
            time.sleep(0.005)
        return time.monotonic() - put_at_s


def test_event_elsewhere_changes_the_shoppers_own_list_within_a_second(shop: Shop) -> None:
    newcomers = (f"newcomer-{number}" for number in count())

    def follow_one_more() -> float:
        newcomer = next(newcomers)
        before = shop.scores(newcomer)
        took_s = seconds_until(lambda: shop.scores(newcomer) != before, shop, [newcomer], TASTES[1][:4])
        after = list(shop.scores(newcomer))
        assert sum(item.startswith("ODD") for item in after[:8]) >= 7
        return took_s

    assert quickest_s(follow_one_more, enough_s=WITHIN_S) < WITHIN_S


def test_events_elsewhere_change_other_shoppers_lists_within_a_second(shop: Shop) -> None:
    crowds = ([f"visitor-{crowd}-{number}" for number in range(40)] for crowd in count())

    def follow_one_more() -> float:
        before = shop.scores("even-0")
        items = [*TASTES[0][:3], "ODD-15"]
        took_s = seconds_until(lambda: shop.scores("even-0") != before, shop, next(crowds), items)
        following.FOLLOWER.catch_up()
        assert shop.scores("even-0").get("ODD-15", 0.0) > before.get("ODD-15", 0.0)
        return took_s

    assert quickest_s(follow_one_more, enough_s=WITHIN_S) < WITHIN_S
