import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from catalog.models import Order
from catalog.services import Placed, buy_now
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product_for_sale

WITHIN_S = 60.0


@pytest.mark.django_db(transaction=True)
def test_click_whose_twin_is_under_way_keeps_its_key_and_finds_the_twins_order() -> None:
    me, client = make_user(), Client()
    client.force_login(me)
    product = make_product_for_sale(price_cents=12_000)
    variant_id, key = product.variants.get().pk, str(uuid4())
    click = {"choice": f"{variant_id}:12000", "idempotency_key": key}
    is_done, may_end = threading.Event(), threading.Event()

    def twin(buyer: User) -> Placed:
        try:
            with transaction.atomic():
                placed = buy_now(variant_id=variant_id, buyer=buyer, seen_price_cents=12_000, idempotency_key=UUID(key))
                is_done.set()
                may_end.wait(WITHIN_S)
                return placed
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(twin, me)
        assert is_done.wait(WITHIN_S)
        early = client.post(f"/p/{product.slug}/buy/", click)
        may_end.set()
        placed = running.result(WITHIN_S)
    late = client.post(f"/p/{product.slug}/buy/", click)

    page = early.content.decode()
    assert early.status_code == 409
    assert "This order is on its way already" in page
    assert f'name="idempotency_key" value="{key}"' in page
    assert late["Location"] == f"/orders/{placed.order_id}/?new=1"
    assert Order.objects.count() == 1
