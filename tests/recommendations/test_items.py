from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from recommendations import items
from recommendations.ports import Shopper
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import recommended_for_you
from storefront import shelves
from tests.factories.catalog import make_product_for_sale
from tests.factories.drops import make_announced, set_clock
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(milliseconds=10)


def test_available_among_knows_a_drop_from_the_second_it_opens(
    settings: Settings, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    drop = make_announced(opens_in=timedelta(hours=1))
    sku = drop.product.sku
    before = items.available_among([sku])

    set_clock(settings, tmp_path, drop.opens_at + A_MOMENT)

    assert before == set()
    with django_assert_num_queries(0):
        assert items.available_among([sku]) == {sku}


def test_available_among_answers_whole_while_another_thread_clears_what_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Cleared(dict[str, tuple[datetime | None, float]]):
        def update(self, *_: object, **__: object) -> None:
            self.clear()

    monkeypatch.setattr(items, "_known", Cleared())
    sku = make_product_for_sale().sku

    available = items.available_among([sku, "GONE"])

    assert available == {sku}


def test_recommended_for_you_shows_a_drop_from_the_second_it_opens(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [make_product_for_sale().sku for _ in range(6)]
    drop = make_announced(opens_in=timedelta(hours=1))
    shopper = Shopper(uuid4().hex, uuid4().hex)
    serve_rotation(monkeypatch, "home", FakeRuntime([drop.product.sku, *others]))
    before = recommended_for_you(shopper, rotation="home", k=4)

    set_clock(settings, tmp_path, drop.opens_at + A_MOMENT)
    after = recommended_for_you(shopper, rotation="home", k=4)

    assert before.item_ids == tuple(others[:4])
    assert (after.item_ids, after.rung) == ((drop.product.sku, *others[:3]), Rung.PERSONAL)


def test_new_releases_show_a_drop_from_the_second_it_opens(settings: Settings, tmp_path: Path) -> None:
    drop = make_announced(opens_in=timedelta(seconds=20))
    before = shelves.new_releases(())

    set_clock(settings, tmp_path, drop.opens_at + A_MOMENT)
    after = shelves.new_releases(())

    assert before.item_ids == ()
    assert after.item_ids == (drop.product.sku,)


def test_a_category_keeps_what_opens_soon_out_of_sight_until_then(settings: Settings, tmp_path: Path) -> None:
    soon = make_announced(opens_in=timedelta(seconds=20))
    make_announced(opens_in=timedelta(hours=1))
    found = items.popular_in_category(soon.product.category_id, [])

    set_clock(settings, tmp_path, soon.opens_at + A_MOMENT)

    assert found == [soon.product.sku]
    assert items.available_among(found) == {soon.product.sku}
