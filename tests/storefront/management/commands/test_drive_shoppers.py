from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.running_shop import free_port
from tests.storefront.imports.shop_files import FEES, ITEM_COLUMNS, write_items


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--rate", "0"], "--rate is 0; give 0.1 to 500"),
        (["--rate", "501"], "--rate is 501"),
        (["--minutes", "0"], "--minutes is 0"),
        (["--rate", "500", "--minutes", "17"], "--minutes is 17; at this rate give more than 0 and at most 17"),
        (["--rate", "50", "--shoppers", "49"], "--shoppers is 49; give 50 to 10000"),
        (["--plant", "row_ctr=much"], "'much' is no number"),
        (["--seed", "-1"], "--seed is -1"),
        (["--url", "http://192.0.2.7:80"], "on this machine alone"),
    ],
)
@pytest.mark.django_db
def test_drive_shoppers_names_what_it_does_not_take(arguments: list[str], fault: str) -> None:
    with pytest.raises(CommandError, match=fault):
        call_command("drive_shoppers", *arguments)


@pytest.mark.django_db
def test_drive_shoppers_says_where_no_shop_answers() -> None:
    with pytest.raises(CommandError, match="start it with make demo"):
        call_command("drive_shoppers", "--url", f"http://127.0.0.1:{free_port()}")


@pytest.mark.django_db
def test_drive_shoppers_refuses_an_imported_world(tmp_path: Path) -> None:
    call_command("import_catalog", str(write_items(tmp_path)), *ITEM_COLUMNS, *FEES, stdout=StringIO())

    with pytest.raises(CommandError, match="WORLD=demo"):
        call_command("drive_shoppers")
