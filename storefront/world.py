"""What one world calls itself and the currency it counts in: one small file, rechecked each second."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from catalog.money import SYMBOLS
from storefront.world_file import WorldFile

FILE_NAME = "world.json"
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class World:
    """`name` is shown in the header beside the brand; empty for the demo."""

    currency: str = "USD"
    name: str = ""

    def __post_init__(self) -> None:
        if self.currency not in SYMBOLS:
            raise ValueError(f"currency == {self.currency!r}, must be one of {', '.join(sorted(SYMBOLS))}")
        name: object = self.name
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise ValueError(f"name == {name!r}, must be at most {LONGEST_NAME} characters: the header shows it")


def world_file() -> WorldFile[World]:
    """Where this process's world keeps its settings."""
    return _file(Path(settings.WORLD_DIR) / FILE_NAME)


@lru_cache(maxsize=4)
def _file(path: Path) -> WorldFile[World]:
    return WorldFile(path, World)


def current_world() -> World:
    """The world that this process serves."""
    return world_file().read()
