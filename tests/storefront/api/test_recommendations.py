"""One door for all clients: the page's lists, variation and exposure as JSON; wrong questions get a named fault."""

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Product
from experiments.models import Exposure
from recommendations.events import buffer, cookie, tokens
from recommendations.events.schema import Record, ServedList
from recommendations.events.throttle import Throttle
from recommendations.ports import Shopper
from storefront.api import throttles
from storefront.slots import SLOTS
from storefront.templatetags.market import lowest_price
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, serve_rotation, stock_shop
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

ADDRESS = "/api/recommendations/"
OLD, NEW = {"rule": "trending"}, {"slot": "home-recommended", "rotation": "home"}


@pytest.fixture(autouse=True)
def calm(settings: Settings) -> None:
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"
    throttles.of_devices.clear()
    throttles.of_strangers.clear()


@pytest.fixture
def skus() -> list[str]:
    return stock_shop()


def sign_as(client: Client, variation: str) -> str:
    """Give the client a cookie of somebody who gets this variation."""
    return keep_cookie_of(client, make_shopper_in(variation))


def sign_anybody(client: Client) -> str:
    return keep_cookie_of(client, Shopper(uuid4().hex, uuid4().hex[:16]))


def keep_cookie_of(client: Client, shopper: Shopper) -> str:
    now_s = int(django_settings.CLOCK.now().timestamp())
    visit = cookie.Visit(shopper.shopper_key, shopper.session_id, now_s, cookie.Consent.UNASKED)
    client.cookies[cookie.NAME] = cookie.spell(visit)
    return shopper.shopper_key


def ask(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get(ADDRESS, query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def item_ids_on_page(page: str, row: str) -> list[str]:
    section = page.split(f'data-row="{row}"')[1].split("</section>", maxsplit=1)[0]
    return [part.split('"')[0] for part in section.split('data-item-id="')[1:]]


@pytest.mark.parametrize("variation", ["control", "treatment"])
def test_page_and_api_show_the_same_and_make_one_exposure(client: Client, skus: list[str], variation: str) -> None:
    phase = run_experiment(OLD, NEW)
    key = sign_as(client, variation)
    look_at(Shopper(key, ""), skus[45])

    page = client.get("/").content.decode()
    answer = ask(client)

    assert (answer["experiment"], answer["variation"], answer["reason"]) == (
        "recommended-for-you",
        variation,
        "in_phase",
    )
    assert [item["sku"] for item in answer["items"]] == item_ids_on_page(page, answer["row"])
    assert answer["row"] == ("recommended" if variation == "treatment" else "trending")
    exposure = Exposure.objects.select_related("variation").get()
    assert (exposure.unit, exposure.phase_id, exposure.variation.key) == (key, phase.pk, variation)


def test_clients_without_a_cookie_jar_are_nobodys_sample(skus: list[str]) -> None:
    run_experiment(OLD, NEW)

    answers = [ask(Client()) for _ in range(8)]
    pages = [Client().get("/").content.decode() for _ in range(8)]

    assert {(answer["variation"], answer["reason"], answer["row"]) for answer in answers} == {
        ("control", "no_unit", "trending")
    }
    assert not any("data-variation" in page for page in pages)
    assert not Exposure.objects.exists()


def test_second_request_with_the_cookie_of_the_first_is_exposed(client: Client, skus: list[str]) -> None:
    run_experiment(OLD, NEW)

    first, second = ask(client), ask(client)

    exposure = Exposure.objects.select_related("variation").get()
    visit = cookie.read(client.cookies[cookie.NAME].value)
    assert visit is not None
    assert (first["reason"], second["reason"]) == ("no_unit", "in_phase")
    assert (exposure.unit, exposure.variation.key) == (visit.shopper_key, second["variation"])


def test_api_alone_makes_the_exposure(client: Client, skus: list[str]) -> None:
    run_experiment(OLD, NEW)
    key = sign_as(client, "treatment")

    ask(client)
    ask(client, k=3)

    assert Exposure.objects.get().unit == key


def test_other_slots_expose_nobody(client: Client, skus: list[str]) -> None:
    run_experiment(OLD, NEW)

    for slot in sorted(set(SLOTS) - {"home-recommended"}):
        answer = ask(client, slot=slot)
        assert (answer["slot"], answer["variation"], answer["experiment"]) == (slot, None, None)
        assert len(answer["items"]) == 12

    assert not Exposure.objects.exists()


def test_item_tells_what_a_card_shows(client: Client, skus: list[str]) -> None:
    item = ask(client, slot="home-most-popular", k=1)["items"][0]

    (product,) = Product.objects.with_quotes().in_order(skus[:1])
    assert (item["rank"], item["sku"], item["name"], item["brand"]) == (1, skus[0], product.name, product.brand.name)
    assert item["lowest_ask_cents"] == lowest_price(product)
    assert client.get(item["picture"]).status_code == 200
    assert client.get(item["url"]).status_code == 200


def test_link_of_an_item_is_a_click_on_the_list(client: Client, skus: list[str]) -> None:
    key = sign_anybody(client)

    answer = ask(client)

    item = answer["items"][0]
    token = urlsplit(item["url"]).query.removeprefix("r=")
    assert str(tokens.read_click("row_click", token, key, item["sku"])) == answer["recommendation_id"]
    assert str(tokens.read(answer["token"], key)) == answer["recommendation_id"]


def test_list_is_recorded_as_served_with_its_page_view(
    client: Client, skus: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Record] = []
    monkeypatch.setattr(buffer, "record_served", taken.append)

    answer = ask(client, k=5)

    (served,) = taken
    assert isinstance(served, ServedList)
    assert (str(served.recommendation_id), str(served.page_view_id)) == (
        answer["recommendation_id"],
        answer["page_view_id"],
    )
    assert list(served.item_ids) == [item["sku"] for item in answer["items"]]


def test_anonymous_client_is_one_shopper_by_the_signed_cookie(client: Client, skus: list[str]) -> None:
    first = client.get(ADDRESS)
    key = cookie.read(client.cookies[cookie.NAME].value)
    client.get(ADDRESS)

    again = cookie.read(client.cookies[cookie.NAME].value)
    assert key is not None
    assert again is not None
    assert key.shopper_key == again.shopper_key
    assert first["Cache-Control"].count("no-store") == 1
    assert "private" in first["Cache-Control"]
    assert "Cookie" in first["Vary"]


@pytest.mark.parametrize("headers", [{"Sec-GPC": "1"}, {"User-Agent": "Googlebot/2.1"}])
def test_nothing_is_recorded_of_whom_nothing_may_be(
    client: Client, skus: list[str], headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_experiment(OLD, NEW)
    taken: list[Record] = []
    monkeypatch.setattr(buffer, "record_served", taken.append)

    answer = client.get(ADDRESS, headers=headers).json()

    assert (answer["recommendation_id"], answer["token"], answer["variation"]) == (None, "", "control")
    assert "?r=" not in answer["items"][0]["url"]
    assert not taken
    assert not Exposure.objects.exists()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"k": "0"}, "k"),
        ({"k": "51"}, "k"),
        ({"k": "many"}, "k"),
        ({"slot": "cart"}, "slot"),
        ({"slot": ""}, "slot"),
        ({"rows": "2"}, "rows"),
    ],
)
def test_wrong_parameter_is_named(client: Client, query: dict[str, str], field: str) -> None:
    answer = client.get(ADDRESS, query)

    fault = answer.json()
    assert (answer.status_code, fault["code"], list(fault["errors"])) == (400, "invalid_input", [field])
    assert field in fault["detail"]
    assert "no-store" in answer["Cache-Control"]


def test_wrong_slot_is_told_which_there_are(client: Client) -> None:
    fault = client.get(ADDRESS, {"slot": "cart"}).json()

    assert fault["errors"]["slot"] == [
        '"cart" is not a valid choice. Give one of home-recommended, home-most-popular, home-new-releases.'
    ]


def test_k_bounds_the_list(client: Client, skus: list[str]) -> None:
    assert [len(ask(client, slot="home-most-popular", k=k)["items"]) for k in (1, 12, 50)] == [1, 12, 50]


def test_empty_shop_has_an_empty_list(client: Client) -> None:
    answer = ask(client)

    assert (answer["items"], answer["rung"]) == ([], "catalogue")


def test_eager_device_is_asked_to_wait_and_others_go_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "of_devices", Throttle(burst=3, per_s=1, clock=lambda: 100.0))
    sign_anybody(client)
    other = Client()
    sign_anybody(other)

    answers = [client.get(ADDRESS) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1]["Retry-After"]) >= 1
    assert "no-store" in answers[-1]["Cache-Control"]
    assert other.get(ADDRESS).status_code == 200


def test_strangers_of_one_address_share_a_larger_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "of_strangers", Throttle(burst=4, per_s=1, clock=lambda: 100.0))

    here = [Client().get(ADDRESS).status_code for _ in range(5)]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get(ADDRESS).status_code

    assert (here, elsewhere) == ([200, 200, 200, 200, 429], 200)


def test_throttle_needs_no_valkey(client: Client, settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/at-all.sock"
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": settings.STATE_URL}}

    assert client.get(ADDRESS).status_code == 200


def test_database_that_is_away_is_said_in_json(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def go_away(*_args: object, **_named: object) -> None:
        raise OperationalError

    monkeypatch.setattr("storefront.slots.plan_slot", go_away)

    answer = client.get(ADDRESS)

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "3")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_api_takes_no_writes(client: Client, method: str) -> None:
    answer = getattr(client, method)(ADDRESS)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_warm_api_asks_for_little_more_than_the_products(
    client: Client, skus: list[str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_anybody(client)
    ask(client)

    with django_assert_max_num_queries(2):
        ask(client)


def test_item_tells_why_it_stands_there_as_its_card_does(
    client: Client, skus: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    because = {skus[30]: skus[45], skus[31]: skus[31], skus[32]: skus[44]}
    serve_rotation(monkeypatch, "home", FakeRuntime(skus[30:44], because=because))
    run_experiment(OLD, NEW)
    key = sign_as(client, "treatment")
    look_at(Shopper(key, ""), skus[31], skus[45])

    items = {item["sku"]: item for item in ask(client)["items"]}

    (viewed,) = Product.objects.filter(sku=skus[45])
    assert items[skus[30]]["because"] == {
        "sku": skus[45],
        "act": "product_view",
        "words": f"Because you viewed {viewed.name}",
    }
    assert items[skus[32]]["because"] is None
    assert f'<span class="card-because">Because you viewed {viewed.name}</span>' in client.get("/").content.decode()


def test_schema_describes_every_field_of_an_answer(client: Client, skus: list[str]) -> None:
    schema = client.get("/api/schema/?format=json").json()

    described = schema["components"]["schemas"]
    answer = ask(client)
    operation = schema["paths"][ADDRESS]["get"]
    assert set(described["Answer"]["properties"]) == set(answer)
    assert set(described["Item"]["properties"]) == set(answer["items"][0])
    assert {parameter["name"] for parameter in operation["parameters"]} == {"slot", "k"}
    assert set(operation["responses"]) == {"200", "400", "429", "503"}


def test_page_of_the_api_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "http" not in text.split("</head>")[0]
    assert "<script>" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
