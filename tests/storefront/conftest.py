"""Pages are rendered with plain static addresses, and nothing kept in process outlives a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from pytest_django import Settings

from recommendations import items, shared_lists
from storefront import cards, context
from storefront.rows import forget_newest
from storefront.views.art import forget_pictures


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings, static_root: Path) -> None:
    settings.STATIC_ROOT = static_root
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    forgetting = (
        cards.forget_cards,
        context.forget_navigation,
        forget_pictures,
        forget_newest,
        items.forget_availability,
        shared_lists.forget,
        caches["flags"].clear,
    )
    for forget in forgetting:
        forget()
    yield
    for forget in forgetting:
        forget()
