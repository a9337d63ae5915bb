from pathlib import Path

from recommendations.server.compatibility import write_page
from recommendations.server.table import HANDLERS
from recommendations.server.wire.operations import all_operations

PAGE = Path(__file__).parents[3] / "docs" / "personalize-compatibility.md"


def test_page_is_what_the_code_writes() -> None:
    assert PAGE.read_text() == write_page(), "Run `manage.py personalize_compatibility`."


def test_page_tells_of_every_operation_once() -> None:
    page = write_page()

    for name in all_operations():
        assert page.count(f"| {name} |") == 1


def test_every_answered_operation_is_one_of_amazons() -> None:
    assert set(HANDLERS) <= set(all_operations())
    assert len(HANDLERS) >= 51
