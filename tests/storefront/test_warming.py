"""What the web server loads before its first request."""

from pathlib import Path

import pytest
from django.conf import settings as shop
from django.template.loader import get_template
from pytest_django import Settings

from storefront.warming import warm


def use_templates_of(settings: Settings, folder: Path) -> None:
    settings.TEMPLATES = [{**shop.TEMPLATES[0], "DIRS": [folder]}]


def test_warm_keeps_every_template_of_the_shop() -> None:
    n_files = sum(1 for _ in (Path(shop.BASE_DIR) / "templates").rglob("*.html"))

    assert warm() == n_files > 50


def test_warm_reads_a_template_so_that_its_page_need_not(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "desk.html").write_text("Open")
    use_templates_of(settings, tmp_path)

    warm()
    (tmp_path / "desk.html").unlink()

    assert get_template("desk.html").render() == "Open"


def test_warm_goes_on_past_a_broken_template(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.html").write_text("{% if %}")
    (tmp_path / "b.html").write_text("Open")
    use_templates_of(settings, tmp_path)

    n_kept = warm()

    assert n_kept == 1
    assert [record.code for record in caplog.records if hasattr(record, "code")] == ["broken_template"]
