from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from storefront.clock import Clock
from storefront.world import World
from storefront.world_file import WorldFault, WorldFile


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"colour": "red"}', "must be a JSON object of currency and name"),
        ('{"currency": "DOGE"}', "currency == 'DOGE', must be one of EUR, GBP, USD"),
        ('{"currency": ["GBP"]}', "must be a JSON object of currency and name"),
        ('{"name": "' + "x" * 41 + '"}', "must be at most 40 characters"),
        ('{"name": 7}', "name == 7, must be at most 40 characters"),
    ],
)
def test_world_of_a_wrong_file_names_the_field_and_the_fix(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "world.json"
    path.write_text(text)

    with pytest.raises(WorldFault, match=words):
        WorldFile(path, World).load()


def test_world_without_a_file_counts_in_dollars(tmp_path: Path) -> None:
    world = WorldFile(tmp_path / "world.json", World).read()

    assert world == World(currency="USD", name="")


@pytest.mark.django_db
def test_page_of_a_world_with_damaged_files_opens_with_the_defaults(
    tmp_path: Path, settings: Settings, client: Client
) -> None:
    for name in ("clock.json", "world.json"):
        (tmp_path / name).write_text("{")
    settings.WORLD_DIR, settings.CLOCK = tmp_path, Clock(tmp_path / "clock.json")

    page = client.get("/")

    assert page.status_code == 200
