"""The answer to a page: personal where it can be, from a lower rung where it cannot, never an error."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import pytest
from django.conf import settings

from recommendations import shared_lists
from recommendations.adapters import registry
from recommendations.events import ids
from recommendations.events.partitions import ensure_partitions
from recommendations.exceptions import BackendThrottled, ResourceNotReady
from recommendations.models import Deployment, Interaction, LiveCampaign, Rotation, SharedList
from recommendations.ports import Shopper
from recommendations.serving import breaker
from recommendations.serving.fallback import Rung
from recommendations.serving.live import forget_live_campaigns
from recommendations.serving.recommend import recommended_for_you
from tests.factories.catalog import make_product, make_product_for_sale
from tests.fakes.runtime import FakeRuntime, backend_of

pytestmark = pytest.mark.django_db

K = 4
Serve = Callable[[FakeRuntime], None]


@pytest.fixture
def shopper() -> Shopper:
    return Shopper("a" * 32, "s" * 32)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def with_runtime(runtime: FakeRuntime) -> None:
        monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(runtime))
        rotation = Rotation.objects.create(key="home", slot="home-recommended", backend="fake")
        side = Deployment.objects.create(rotation=rotation, colour="maize", campaign_arn="arn:campaign")
        LiveCampaign.objects.create(
            rotation=rotation, deployment=side, campaign_arn="arn:campaign", swapped_at=settings.CLOCK.now()
        )

    return with_runtime


def make_products(n: int) -> list[str]:
    return [make_product_for_sale().sku for _ in range(n)]


def make_popular(item_ids: list[str]) -> None:
    SharedList.objects.create(key=shared_lists.MOST_POPULAR, item_ids=item_ids, computed_at=settings.CLOCK.now())


def test_answer_is_the_backends_list_in_its_order(serve: Serve, shopper: Shopper) -> None:
    skus = make_products(6)
    serve(FakeRuntime(skus))

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == tuple(skus[:K])
    assert (served.rung, served.campaign_arn) == (Rung.PERSONAL, "arn:campaign")
    assert served.backend_recommendation_id == "RID-fake"


def test_answer_leaves_out_unknown_unlisted_sold_out_doubled_and_withheld_items(serve: Serve, shopper: Shopper) -> None:
    good = make_products(K)
    unlisted = make_product_for_sale(is_listed=False).sku
    sold_out = make_product().sku
    elsewhere = make_product_for_sale().sku
    serve(FakeRuntime(["no-such-item", unlisted, sold_out, elsewhere, good[0], good[0], *good[1:]]))

    served = recommended_for_you(shopper, rotation="home", k=K, withheld={elsewhere})

    assert served.item_ids == tuple(good)


def test_short_list_is_topped_up_and_stays_personal(serve: Serve, shopper: Shopper) -> None:
    mine, popular = make_products(1), make_products(5)
    make_popular(popular)
    serve(FakeRuntime(mine))

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == (*mine, *popular[: K - 1])
    assert served.rung is Rung.PERSONAL


@pytest.mark.parametrize("error", [ResourceNotReady("not yet"), BackendThrottled("slower"), ValueError("a fault")])
def test_failing_backend_gives_the_popular_rung(serve: Serve, shopper: Shopper, error: Exception) -> None:
    popular = make_products(5)
    make_popular(popular)
    serve(FakeRuntime(error=error))

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == tuple(popular[:K])
    assert (served.rung, served.backend_recommendation_id) == (Rung.POPULAR, "")


def test_hanging_backend_costs_the_deadline_and_then_nothing(
    serve: Serve, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "RECOMMENDATION_DEADLINE_S", 0.05)
    make_popular(make_products(5))
    hanging = FakeRuntime(takes_s=5.0)
    serve(hanging)

    rungs = [recommended_for_you(shopper, rotation="home", k=K).rung for _ in range(8)]

    assert set(rungs) == {Rung.POPULAR}
    assert hanging.n_calls == breaker.OPEN_AFTER_FAILURES


def test_last_good_list_serves_when_the_backend_fails_later(serve: Serve, shopper: Shopper) -> None:
    skus = make_products(6)
    runtime = FakeRuntime(skus)
    serve(runtime)
    recommended_for_you(shopper, rotation="home", k=K)

    runtime.error = BackendThrottled("slower")
    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == tuple(skus[:K])
    assert served.rung is Rung.LAST_GOOD


def test_without_campaign_or_popular_list_the_catalogue_serves(shopper: Shopper) -> None:
    skus = make_products(6)

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert set(served.item_ids) <= set(skus)
    assert len(served.item_ids) == K
    assert served.rung is Rung.CATALOGUE


def test_bought_items_stay_out_whether_live_or_imported_and_come_back_after_a_return(
    serve: Serve, shopper: Shopper
) -> None:
    imported, returned, *others = make_products(6)
    serve(FakeRuntime([imported, returned, *others]))
    now = settings.CLOCK.now()
    ensure_partitions(now - timedelta(days=1), now)
    for minutes_ago, item_id, event_type in (
        (9, imported, "purchase"),
        (8, returned, "purchase"),
        (7, returned, "return"),
    ):
        at = now - timedelta(minutes=minutes_ago)
        Interaction.objects.create(
            event_id=ids.uuid7(at),
            shopper_key=shopper.shopper_key,
            item_id=item_id,
            event_type=event_type,
            occurred_at=at,
            received_at=at,
        )

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == (returned, *others[: K - 1])


class Unexplained(Mapping[str, str]):
    """Reasons that cannot be worked out."""

    def __getitem__(self, item_id: str) -> str:
        raise OSError(f"no reason for {item_id}")

    def __iter__(self) -> Iterator[str]:
        raise OSError("no reasons")

    def __len__(self) -> int:
        return 0


def test_answer_carries_the_backends_reasons_for_what_it_shows(serve: Serve, shopper: Shopper) -> None:
    skus = make_products(6)
    serve(FakeRuntime(skus, because={skus[0]: "seen", skus[5]: "seen"}))

    served = recommended_for_you(shopper, rotation="home", k=K)
    compared = recommended_for_you(shopper, rotation="home", k=K, is_shown=False)

    assert served.because == {skus[0]: "seen"}
    assert compared.because == {}


def test_answer_stands_where_its_reasons_fail(serve: Serve, shopper: Shopper) -> None:
    skus = make_products(6)
    serve(FakeRuntime(skus, because=Unexplained()))

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == tuple(skus[:K])
    assert (served.because, served.error, served.rung) == ({}, "", Rung.PERSONAL)


def test_answer_is_asked_for_again_where_the_shop_takes_too_many_away(serve: Serve, shopper: Shopper) -> None:
    good = make_products(K)
    runtime = FakeRuntime([*(f"not-listed-{number}" for number in range(200)), *good])
    serve(runtime)

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert (served.item_ids, served.rung) == (tuple(good), Rung.PERSONAL)
    first, again = runtime.asked
    assert 4 * K <= first < again == 500


def test_answer_is_asked_for_once_where_the_backend_has_no_more(serve: Serve, shopper: Shopper) -> None:
    good = make_products(2 * K)
    make_popular(good[K:])
    runtime = FakeRuntime(["not-listed", *good[:2]])
    serve(runtime)

    served = recommended_for_you(shopper, rotation="home", k=K)

    assert served.item_ids == (*good[:2], *good[K : K + 2])
    assert len(runtime.asked) == 1


def test_answer_passes_the_live_sides_filter(serve: Serve, shopper: Shopper) -> None:
    runtime = FakeRuntime(make_products(K))
    serve(runtime)
    Deployment.objects.update(filter_arn="arn:filter")
    forget_live_campaigns()

    recommended_for_you(shopper, rotation="home", k=K)

    assert runtime.filters == ["arn:filter"]
