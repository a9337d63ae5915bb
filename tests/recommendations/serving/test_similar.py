"""Beside an item stands what the campaign relates to it, else what its category sells best."""

from uuid import uuid4

import pytest
from django.conf import settings

from recommendations.exceptions import BackendThrottled
from recommendations.models import SharedList
from recommendations.ports import Shopper
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import Served
from recommendations.serving.similar import similar_items
from tests.factories.catalog import make_category, make_product, make_product_for_sale
from tests.factories.events import make_interaction
from tests.factories.second_row import look_at, remember, serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

K = 4
# Live state outlives a test: a key of its own.
SHOPPER = Shopper(uuid4().hex, "s" * 16)


def ask(item_id: str, shopper: Shopper = SHOPPER, **fields: object) -> Served:
    category_id = make_category("runners").pk
    return similar_items(shopper, item_id, category_id=category_id, rotation="similar", k=K, **fields)  # type: ignore[arg-type]


def make_runners(n: int) -> list[str]:
    return [make_product_for_sale(category=make_category("runners")).sku for _ in range(n)]


def test_similar_items_are_the_campaigns_without_the_item_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, *others = [make_product_for_sale().sku for _ in range(7)]
    sold_out = make_product().sku
    runtime = FakeRuntime([shown, sold_out, *others])
    serve_rotation(monkeypatch, "similar", runtime)

    served = ask(shown, withheld={others[0]})

    assert served.item_ids == tuple(others[1 : K + 1])
    assert (served.rung, served.rotation, served.backend_recommendation_id) == (Rung.PERSONAL, "similar", "RID-fake")
    assert runtime.asked_beside == [shown]


def test_similar_items_leave_out_what_the_shopper_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, bought, *others = [make_product_for_sale().sku for _ in range(7)]
    serve_rotation(monkeypatch, "similar", FakeRuntime([bought, *others]))
    remember(make_interaction(shopper_key=SHOPPER.shopper_key, item_id=bought, event_type="purchase"))

    served = ask(shown)
    to_a_stranger = ask(shown, Shopper("b" * 32, "s" * 16, has_consent=False))

    assert served.item_ids == tuple(others[:K])
    assert to_a_stranger.item_ids == (bought, *others[: K - 1])


@pytest.mark.parametrize(
    "runtime", [None, FakeRuntime(error=BackendThrottled("slower")), FakeRuntime(error=KeyError())]
)
def test_similar_items_without_a_campaign_are_the_categorys_most_popular(
    monkeypatch: pytest.MonkeyPatch, runtime: FakeRuntime | None
) -> None:
    shown, *runners = make_runners(7)
    elsewhere = make_product_for_sale(category=make_category("caps")).sku
    SharedList.objects.create(
        key="most-popular", item_ids=[elsewhere, shown, runners[5], runners[2]], computed_at=settings.CLOCK.now()
    )
    if runtime is not None:
        serve_rotation(monkeypatch, "similar", runtime)

    served = ask(shown)

    assert served.item_ids[:2] == (runners[5], runners[2])
    assert set(served.item_ids) <= set(runners)
    assert (len(served.item_ids), served.rung) == (K, Rung.POPULAR)


def test_short_answer_is_topped_up_from_the_category_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, runner = make_runners(2)
    related, _stranger = (make_product_for_sale(category=make_category("caps")).sku for _ in range(2))
    serve_rotation(monkeypatch, "similar", FakeRuntime([related]))

    served = ask(shown)

    assert served.item_ids == (related, runner)
    assert served.rung is Rung.PERSONAL


def test_list_of_a_campaign_that_does_not_know_the_item_gives_way_to_the_category(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, popular = make_runners(2)
    serve_rotation(monkeypatch, "similar", FakeRuntime([make_product_for_sale().sku], is_general=True))

    served = ask(shown)

    assert (served.item_ids, served.rung) == ((popular,), Rung.POPULAR)


def test_looks_do_not_change_what_stands_beside_an_item(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, *others = [make_product_for_sale().sku for _ in range(7)]
    serve_rotation(monkeypatch, "similar", FakeRuntime(others))
    before = ask(shown)

    look_at(SHOPPER, others[0], others[1])

    assert ask(shown) == before
