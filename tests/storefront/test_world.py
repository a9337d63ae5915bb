from pathlib import Path

import pytest

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
