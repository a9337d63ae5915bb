from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import conf, dropping
from catalog.models import Ask, Drop, Product
from tests.factories.catalog import make_product, make_variant

StaffWith = Callable[..., Client]
ADD = "/admin/catalog/drop/add/"
WHEN = "%Y-%m-%dT%H:%M:%S"


def make_sizes(*sizes: str) -> Product:
    product = make_product()
    for size in sizes:
        make_variant(product, size)
    return product


def make_drop(product: Product | None = None, n_pieces: int = 3) -> Drop:
    product = product or make_sizes("9")
    return dropping.announce(
        product_id=product.pk,
        opens_at=conf.now() + timedelta(days=2),
        price_cents=15_000,
        pieces=dict.fromkeys(product.variants.values_list("pk", flat=True), n_pieces),
    )


def test_announce_puts_the_pieces_in_the_books(staff_with: StaffWith) -> None:
    product, staff = make_sizes("9", "9.5"), staff_with("add_drop", "view_drop")
    opens_at = (conf.now() + timedelta(days=3)).replace(microsecond=0)

    asked = staff.get(f"{ADD}?sku={product.sku}")
    answered = staff.post(
        ADD,
        {
            "sku": product.sku,
            "opens_at": opens_at.strftime(WHEN),
            "price": "149.90",
            "pieces": "9: 2\n9.5 = 3",
            "limit_per_account": 2,
        },
    )

    drop = Drop.objects.get()
    assert product.sku in asked.content.decode()
    assert answered.status_code == 302
    assert (drop.opens_at, drop.price_cents, drop.limit_per_account) == (opens_at, 14_990, 2)
    assert {size.size: size.n_left for size in dropping.stock_of(drop).sizes} == {"9": 2, "9.5": 3}
    assert LogEntry.objects.get().object_id == str(drop.pk)


@pytest.mark.parametrize(
    ("field", "given", "status", "told"),
    [
        ("sku", "NONE", 400, "no product"),
        ("pieces", "9 times 2", 400, "Write each size once"),
        ("pieces", "9: 2, 9: 3", 400, "Write each size once"),
        ("pieces", "14: 2", 409, "there is no size 14"),
        ("opens_at", "2001-01-01T00:00:00", 409, "must be after now"),
        ("opens_at", "9999-12-31T23:59:59", 409, "within two years"),
        ("price", "-1", 400, "greater than or equal to 0"),
        ("price", "0", 409, "price_cents"),
    ],
)
def test_announce_names_what_is_wrong(staff: Client, field: str, given: str, status: int, told: str) -> None:
    product = make_sizes("9")
    opens_at = (conf.now() + timedelta(days=3)).strftime(WHEN)
    right = {"sku": product.sku, "opens_at": opens_at, "price": "10", "pieces": "9: 2", "limit_per_account": "1"}

    answer = staff.post(ADD, {**right, field: given})

    assert answer.status_code == status
    assert told in answer.content.decode()
    assert not Drop.objects.exists()


def test_restock_and_reschedule_change_a_drop_that_is_to_come(staff: Client) -> None:
    drop = make_drop()
    later = (drop.opens_at + timedelta(days=1)).replace(microsecond=0)

    page = staff.get(f"/admin/catalog/drop/{drop.pk}/change/").content.decode()
    staff.post(f"/admin/catalog/drop/{drop.pk}/restock/", {"pieces": "9: 4"})
    staff.post(f"/admin/catalog/drop/{drop.pk}/reschedule/", {"opens_at": later.strftime(WHEN)})

    drop.refresh_from_db()
    assert "restock/" in page
    assert "reschedule/" in page
    assert drop.opens_at == later
    assert Ask.objects.filter(drop=drop, status="open").count() == 7


def test_drops_want_their_permissions(staff_with: StaffWith) -> None:
    drop = make_drop()
    urls = [ADD, f"/admin/catalog/drop/{drop.pk}/restock/", f"/admin/catalog/drop/{drop.pk}/reschedule/"]

    statuses = [staff_with("view_drop").get(url).status_code for url in urls]

    assert statuses == [403, 403, 403]


def test_list_of_drops_reads_as_much_for_many_as_for_few(staff: Client) -> None:
    make_drop()
    counts = []

    for _ in range(2):
        staff.get("/admin/catalog/drop/")
        with CaptureQueriesContext(connection) as queries:
            staff.get("/admin/catalog/drop/")
        counts.append(len(queries))
        for _ in range(3):
            make_drop(make_sizes("9", "10"))

    assert counts[0] == counts[1]
