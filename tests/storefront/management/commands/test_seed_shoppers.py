from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Max, Min

from recommendations.models import Interaction
from tests.storefront.imports.shop_files import FEES, ITEM_COLUMNS, write_items

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_seed_shoppers_fills_the_days_that_end_now() -> None:
    run("seed_catalog")

    said = run("seed_shoppers")

    span = Interaction.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    assert 45_000 <= Interaction.objects.count() <= 75_000
    assert span["last"] <= settings.CLOCK.now()
    assert 88 <= (settings.CLOCK.now() - span["first"]).days <= 90
    assert "500 shoppers" in said
    row = Interaction.objects.filter(event_type="purchase").first()
    assert row is not None
    assert row.shopper_key.startswith("sim-")
    assert row.received_at == row.occurred_at
    assert row.event_value is not None


def test_seed_shoppers_again_says_so_and_changes_nothing() -> None:
    run("seed_catalog")
    run("seed_shoppers", "--days", "7")
    n_before = Interaction.objects.count()

    said = run("seed_shoppers", "--days", "7")

    assert "Nothing to do" in said
    assert Interaction.objects.count() == n_before


def test_seed_shoppers_refuses_a_second_simulation() -> None:
    run("seed_catalog")
    run("seed_shoppers", "--days", "7")

    with pytest.raises(CommandError, match="another simulation"):
        run("seed_shoppers", "--days", "7", "--seed", "2")


def test_seed_shoppers_wants_a_catalogue_first() -> None:
    with pytest.raises(CommandError, match="seed the catalogue first"):
        run("seed_shoppers")

    assert not Interaction.objects.exists()


def test_seed_shoppers_refuses_an_imported_world(tmp_path: Path) -> None:
    run("import_catalog", str(write_items(tmp_path)), *ITEM_COLUMNS, *FEES)

    with pytest.raises(CommandError, match="WORLD=demo"):
        run("seed_shoppers")

    assert not Interaction.objects.exists()


@pytest.mark.parametrize("days", ["0", "1", "731"])
def test_seed_shoppers_names_its_range_of_days(days: str) -> None:
    with pytest.raises(CommandError, match="from 2 to 730"):
        run("seed_shoppers", "--days", days)
