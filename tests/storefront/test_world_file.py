"""One small value, the same in every process; a damaged file is told of and never stops a page."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from storefront.world_file import WorldFault, WorldFile


@dataclass(frozen=True)
class Lamp:
    colour: str = "white"

    def __post_init__(self) -> None:
        if self.colour == "black":
            raise ValueError("colour == 'black', must shine")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("storefront.world_file.RECHECK_AFTER_S", 0.0)
    return tmp_path / "deep" / "lamp.json"


def test_world_file_saved_is_read_by_another_process(path: Path) -> None:
    WorldFile(path, Lamp).save(Lamp("red"))

    assert WorldFile(path, Lamp).load() == WorldFile(path, Lamp).read() == Lamp("red")
    assert [file.name for file in path.parent.iterdir()] == ["lamp.json"]


def test_world_file_is_read_again_once_it_has_changed(path: Path) -> None:
    here, there = WorldFile(path, Lamp), WorldFile(path, Lamp)

    before = here.read()
    there.save(Lamp("red"))
    after = here.read()
    there.remove()
    gone = here.read()

    assert (before.colour, after.colour, gone.colour) == ("white", "red", "white")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"colour": "black"}', '{"size": 1}', "\\xff", '{"colour": 1e'])
def test_world_file_that_is_damaged_is_named_with_its_fix(path: Path, damage: str) -> None:
    path.parent.mkdir()
    path.write_bytes(damage.encode("latin-1"))

    with pytest.raises(WorldFault) as caught:
        WorldFile(path, Lamp).load()

    assert str(caught.value).startswith(f"{path}: must be a JSON object of colour (")
    assert str(caught.value).endswith("Correct it, or remove it.")


@pytest.mark.parametrize("first", [Lamp("red"), None])
def test_world_file_that_is_damaged_leaves_the_last_good_value(
    path: Path, caplog: pytest.LogCaptureFixture, first: Lamp | None
) -> None:
    file = WorldFile(path, Lamp)
    path.parent.mkdir()
    if first is not None:
        file.save(first)
    file.read()
    path.write_text('{"colour":')

    with caplog.at_level(logging.ERROR, "storefront.world_file"):
        held = [file.read() for _ in range(3)]

    assert held == [first or Lamp()] * 3
    assert len(caplog.records) == 1
    assert str(path) in vars(caplog.records[0])["error"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_world_file_that_may_not_be_read_is_named(path: Path) -> None:
    WorldFile(path, Lamp).save(Lamp("red"))
    path.chmod(0)

    with pytest.raises(WorldFault, match="Make it readable"):
        WorldFile(path, Lamp).load()
