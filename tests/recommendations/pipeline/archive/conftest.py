"""An archive in a folder and one on S3, both empty."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.pipeline.archive.place import Place, open_place
from tests.aws_mock import BUCKET
from tests.factories.drops import set_clock
from tests.factories.streams import aws_here

__all__ = ["aws_here"]


@pytest.fixture(autouse=True)
def early_in_the_hour(settings: Settings, tmp_path: Path) -> None:
    """What an archive holds goes by hours: none begins while a test runs."""
    set_clock(settings, tmp_path, conf.now().replace(minute=20))


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Place:
    if request.param == "file":
        settings.ARCHIVE_URL = f"file://{tmp_path}/the%20archive"
    else:
        request.getfixturevalue("aws_here")
        settings.ARCHIVE_URL = f"s3://{BUCKET}/archive/{uuid4().hex}"
    return open_place()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Place:
    settings.ARCHIVE_URL = f"file://{tmp_path}/archive"
    return open_place()
