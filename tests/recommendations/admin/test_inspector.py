"""Staff see one shopper's history beside each side's list."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

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

    assert answer["Location"].endswith("?shopper=")


def test_random_shopper_of_an_empty_shop_is_nobody(staff: Client) -> None:
    answer = staff.get(reverse("inspector"), {"random": "1"}, follow=True)

    assert answer.status_code == 200
    assert "No campaign yet" in answer.content.decode()


def make_side(key: str, recipe: str, colour: str = "maize", backend: str = "fake") -> Deployment:
    rotation, _ = Rotation.objects.get_or_create(key=key, defaults={"slot": key, "recipe": recipe, "backend": backend})
    return Deployment.objects.create(rotation=rotation, colour=colour, campaign_arn=f"arn:{key}-{colour}")


def test_inspector_sets_any_campaigns_side_by_side(
    staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, one = (make_product_for_sale(name=name) for name in ("Both Low", "One Low"))
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime([both.sku])))
    monkeypatch.setitem(registry.BACKENDS, "other", backend_of(FakeRuntime([both.sku, one.sku])))
    make_side("fresh", "aws-trending-now", backend="other")
    make_side("network", "aws-hrnn", backend="other")

    asked = {"shopper": "ann", "side": ["home:blue", "fresh:maize", "nothing:maize"]}
    page = staff.get(reverse("inspector"), asked).content.decode()

    titles = [title.strip() for title in re.findall(r"<h2>(.*?)(?: <span|</h2>)", page)]
    assert titles == ["History of ann <small>newest first</small>", "fresh, Maize", "home, Blue", "Popularity"]
    assert page.count("checked") == 2
    assert page.count('type="checkbox"') == 4
    assert page.count(" · only here") == 1
    assert "1 also in the first column" in page


def test_inspector_shows_at_most_six_campaigns(
    staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = FakeRuntime()
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(runtime))
    sides = [make_side(f"more-{number}", "aws-hrnn") for number in range(8)]

    asked = {"shopper": "ann", "side": [f"{side.rotation_id}:maize" for side in sides]}
    page = staff.get(reverse("inspector"), asked).content.decode()

    assert runtime.n_calls == 6
    assert page.count("checked") == 6


def test_inspector_asks_each_recipe_what_it_answers(
    staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, offered, popular = (make_product_for_sale(name=name) for name in ("Seen Low", "Offered Low", "Popular Low"))
    runtime = FakeRuntime([offered.sku, popular.sku], because={offered.sku: seen.sku})
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(runtime))
    SharedList.objects.create(key=shared_lists.MOST_POPULAR, item_ids=[popular.sku], computed_at=settings.CLOCK.now())
    make_side("similar", "aws-similar-items")
    make_side("ranking", "aws-personalized-ranking")
    key = uuid4().hex
    store_view(key, seen.sku)

    asked = {"shopper": key, "side": ["similar:maize", "ranking:maize"]}
    page = staff.get(reverse("inspector"), asked).content.decode()

    assert runtime.asked_beside == [seen.sku]
    assert "aws-similar-items, beside Seen Low" in page
    assert "aws-personalized-ranking, of the 1 most popular" in page
    assert "because of Seen Low" in page
    assert page.count("Offered Low") == 1


def test_inspector_asks_a_bounded_number_of_questions(
    staff: Client,
    rotation: Rotation,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime([make_product_for_sale().sku])))
    staff.get(reverse("inspector"), {"shopper": "ann"})

    # Session, user, campaigns, pointers, history, popularity, and the products of each list that is not empty.
    with django_assert_num_queries(7):
        staff.get(reverse("inspector"), {"shopper": "ann"})


def test_inspector_takes_any_text_for_a_key(staff: Client, rotation: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime()))

    answer = staff.get(reverse("inspector"), {"shopper": "\x00<b>\x1b"})

    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()
