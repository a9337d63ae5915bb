"""A real shop's two files become a shop that one can sign in to as one of its customers."""

import gzip
import html
import re
from pathlib import Path

import pytest

from tests.running_shop import PROJECT, RunningShop

DATA = PROJECT.parent / "shared" / "data" / "online_retail"
FEE_LINES = PROJECT / "docs" / "online_retail_fee_lines.txt"
CUSTOMER = "17841"


def of_one_customer_in_ten(folder: Path) -> Path:
    """A tenth of the interactions: enough to train on, and soon done."""
    sample = folder / "interactions.csv"
    with gzip.open(DATA / "interactions.csv.gz", "rt") as lines:
        rows = [next(lines), *(line for line in lines if line.partition(",")[0].endswith(CUSTOMER[-1]))]
    sample.write_text("".join(rows))
    return sample


def import_files(shop: RunningShop, interactions: Path) -> None:
    catalogue = ["--item-id", "item_id", "--name", "name", "--price", "price", "--created", "first_seen"]
    catalogue += ["--currency", "GBP", "--exclude-names-file", str(FEE_LINES)]
    columns = ["--user-id", "user_id", "--item-id", "item_id", "--timestamp", "timestamp"]
    columns += ["--event-type", "event_type", "--event-value", "unitprice"]
    for command, file, options in (
        ("import_catalog", DATA / "items.csv.gz", catalogue),
        ("import_interactions", interactions, columns),
    ):
        done = shop.manage(command, str(file), *options)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent: the real files are not part of the project")
def test_customer_of_an_imported_shop_sees_named_products_and_no_fee_lines(tmp_path: Path) -> None:
    shop = RunningShop(tmp_path, world="online_retail")
    import_files(shop, of_one_customer_in_ten(tmp_path))

    with shop:
        home = shop.page_signed_in_as(CUSTOMER)

    rows = {key: html.unescape(row) for key, row in re.findall(r'data-row="([\w-]+)"(.*?)</section>', home, re.DOTALL)}
    names = re.findall(r'class="card-name">([^<]+)<', rows["recommended"])
    fees = {line.strip().lower() for line in FEE_LINES.read_text().splitlines()}
    assert len(names) == 12
    assert all(name.strip() for name in names)
    assert {name.lower() for row in rows.values() for name in re.findall(r'card-name">([^<]+)<', row)} & fees == set()
