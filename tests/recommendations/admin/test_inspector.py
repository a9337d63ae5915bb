"""Staff see one shopper's history beside each side's list."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from recommendations import shared_lists
from recommendations.adapters import registry
from recommendations.events import ids
from recommendations.events.partitions import ensure_current
from recommendations.exceptions import ResourceNotReady
from recommendations.models import Deployment, Interaction, LiveCampaign, Rotation, SharedList
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product_for_sale
from tests.fakes.runtime import FakeRuntime, backend_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def rotation() -> Rotation:
    rotation = Rotation.objects.create(key="home", slot="home-recommended", backend="fake")
    for colour in ("maize", "blue"):
        Deployment.objects.create(rotation=rotation, colour=colour, campaign_arn=f"arn:{colour}")
    LiveCampaign.objects.create(
        rotation=rotation,
        deployment=rotation.deployments.get(colour="blue"),
        campaign_arn="arn:blue",
        swapped_at=settings.CLOCK.now(),
    )
    return rotation


def store_view(shopper_key: str, item_id: str) -> None:
    ensure_current()
    now = settings.CLOCK.now()

    Interaction.objects.create(
        event_id=ids.uuid7(now),
        shopper_key=shopper_key,
        item_id=item_id,
        event_type="product_view",
        occurred_at=now,
        received_at=now,
    )


def test_inspector_is_for_staff_alone(client: Client) -> None:
    client.force_login(make_user())

    answer = client.get(reverse("inspector"))

    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_inspector_shows_history_both_sides_and_popularity(
    staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, offered, popular = (make_product_for_sale(name=name) for name in ("Seen Low", "Offered Low", "Popular Low"))
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime([offered.sku])))
    SharedList.objects.create(key=shared_lists.MOST_POPULAR, item_ids=[popular.sku], computed_at=settings.CLOCK.now())
    key = uuid4().hex
    store_view(key, seen.sku)

    page = staff.get(reverse("inspector"), {"shopper": key}).content.decode()

    assert page.count("Seen Low") == 1
    assert page.count("Offered Low") == 2
    assert page.count("Popular Low") == 1
    assert page.index("Maize") < page.index("Blue") < page.index("live</span>") < page.index("Popularity")


def test_inspector_says_why_a_side_has_no_list(
    staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = FakeRuntime(error=ResourceNotReady("The campaign is not ACTIVE."))
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(runtime))

    page = staff.get(reverse("inspector"), {"shopper": "nobody"}).content.decode()

    assert "The campaign is not ACTIVE." in page


def test_random_shopper_is_one_of_the_stored(staff: Client, rotation: Rotation) -> None:
    key = uuid4().hex
    store_view(key, "TEST-1")

    answer = staff.get(reverse("inspector"), {"random": "1"})

    assert answer.status_code == 302
    assert f"shopper={key}" in answer["Location"]


def test_random_shopper_is_nobody_who_exists_for_an_experiment(staff: Client, rotation: Rotation) -> None:
    store_view("trial-00001", "TEST-1")

    answer = staff.get(reverse("inspector"), {"random": "1"})

    assert "shopper=&" in answer["Location"]


def test_random_shopper_of_an_empty_shop_is_nobody(staff: Client) -> None:
    answer = staff.get(reverse("inspector"), {"random": "1"}, follow=True)

    assert answer.status_code == 200
    assert "No rotation yet" in answer.content.decode()


def test_inspector_takes_any_text_for_a_key(staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime()))

    answer = staff.get(reverse("inspector"), {"shopper": "\x00<b>\x1b"})

    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()
