from pathlib import Path

import pytest

from storefront.world import World, WorldFault, WorldFile


def test_world_saved_is_loaded_as_it_was(tmp_path: Path) -> None:
    world = World(currency="GBP", name="Online Retail")

    world.save(tmp_path / "deep" / "world.json")

    assert World.load(tmp_path / "deep" / "world.json") == world


def test_world_without_a_file_counts_in_dollars(tmp_path: Path) -> None:
    world = World.load(tmp_path / "world.json")

    assert world == World(currency="USD", name="")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "must be a JSON object"),
        ('{"colour": "red"}', "must be a JSON object"),
        ('{"currency": "DOGE"}', "currency == 'DOGE', must be one of EUR, GBP, USD"),
        ('{"name": "' + "x" * 41 + '"}', "name has 41 characters"),
    ],
)
def test_world_of_a_wrong_file_names_the_field_and_the_fix(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "world.json"
    path.write_text(text)

    with pytest.raises(WorldFault, match=words):
        World.load(path)


def test_world_file_is_read_again_once_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storefront.world.RECHECK_AFTER_S", 0.0)
    path = tmp_path / "world.json"
    file = WorldFile(path)

    before = file.read()
    World(currency="EUR").save(path)
    after = file.read()
    path.unlink()
    gone = file.read()

    assert (before.currency, after.currency, gone.currency) == ("USD", "EUR", "USD")
