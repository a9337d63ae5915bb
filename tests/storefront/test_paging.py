"""A list with a head of its own pages as one list: each item once, wherever a page begins and ends."""

import pytest
from django.core.paginator import Paginator

from catalog.models import Product
from storefront.paging import Headed
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("n_head", [0, 1, 4, 7])
@pytest.mark.parametrize("per_page", [1, 2, 3, 7, 50])
def test_pages_hold_the_head_first_and_everything_once(n_head: int, per_page: int) -> None:
    whole = [make_product(sku=f"SKU-{number}").sku for number in range(7)]
    head = whole[:n_head][::-1]
    listed = Headed(head, Product.objects.order_by("sku").values_list("sku", flat=True))

    pages = [list(page.object_list) for page in Paginator(listed, per_page)]

    assert [sku for page in pages for sku in page] == [*head, *whole[n_head:]]
    assert [listed[place] for place in range(7)] == [*head, *whole[n_head:]]
    assert len(listed) == 7
