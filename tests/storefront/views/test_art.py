import gzip

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from storefront.pictures import gallery_of, picture_url, picture_version
from tests.factories.catalog import make_category, make_product, make_product_for_sale

pytestmark = pytest.mark.django_db


def test_art_draws_the_product_and_may_be_kept_for_ever(client: Client) -> None:
    product = make_product(category=make_category("runners"), attributes={"silhouette": "heritage"})

    answer = client.get(picture_url(product))

    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content.startswith(b"<svg")


def test_art_is_sent_compressed_where_the_browser_takes_it(client: Client) -> None:
    product = make_product()

    answer = client.get(picture_url(product), headers={"Accept-Encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content).startswith(b"<svg")


def test_art_asked_for_again_needs_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    address = picture_url(make_product())
    client.get(address)

    with django_assert_num_queries(0):
        answer = client.get(address)

    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["", "?v=00000000"])
def test_art_of_another_version_leads_to_the_current_one(client: Client, query: str) -> None:
    product = make_product()

    answer = client.get(f"/art/{product.sku}.svg{query}")

    assert (answer.status_code, answer["Location"]) == (302, picture_url(product))
    assert answer["Cache-Control"] == "public, max-age=60"


def test_art_address_changes_with_the_drawing() -> None:
    product = make_product(attributes={"silhouette": "heritage"})
    before = picture_url(product)

    product.attributes = {"silhouette": "trail"}

    assert picture_url(product) != before


@pytest.mark.parametrize("attributes", [{}, {"silhouette": "no-such-shape"}])
def test_art_of_a_product_without_a_drawing_is_a_calm_card(client: Client, attributes: dict[str, str]) -> None:
    product = make_product(sku="85123A", name="White hanging heart", attributes=attributes)

    answer = client.get(picture_url(product))

    assert answer.status_code == 200
    assert b">WH</text>" in answer.content


def test_art_of_an_unknown_product_is_not_found(client: Client) -> None:
    answer = client.get("/art/NOPE.svg")

    assert answer.status_code == 404
    assert not Product.objects.exists()


def test_art_of_each_view_has_an_address_of_its_own(client: Client) -> None:
    product = make_product(category=make_category("runners"), attributes={"silhouette": "heritage"})

    answers = [client.get(picture.address) for picture in gallery_of(product)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 3


@pytest.mark.parametrize("view", ["box", "back", "", "\x00"])
def test_art_of_a_view_that_the_product_does_not_have_is_not_found(client: Client, view: str) -> None:
    product = make_product(category=make_category("runners"), attributes={"silhouette": "heritage"})

    answer = client.get(f"/art/{product.sku}.svg", {"view": view, "v": picture_version(product)})

    assert answer.status_code == 404


def test_art_of_a_product_without_a_drawing_has_one_view(client: Client) -> None:
    product = make_product()

    pictures = gallery_of(product)

    assert [picture.words for picture in pictures] == [product.name]
    assert client.get(f"{pictures[0].address}&view=detail").status_code == 404


@pytest.mark.parametrize("sku", ["AB/12", "/", "AB 12?#%2F", "..", "AB\n12"])
def test_any_sku_has_pages_and_a_picture(client: Client, sku: str) -> None:
    product = make_product_for_sale(sku=sku)
    paths = ("/", f"/p/{product.slug}/", f"/c/{product.category.slug}/", f"/search/?q={product.name}", "/api/products/")

    pages = [client.get(path).status_code for path in paths]
    picture = client.get(picture_url(product)).status_code

    assert pages == [200] * len(paths)
    # No picture, and no fault, where a line ends in it.
    assert picture == (200 if sku.isprintable() else 404)
