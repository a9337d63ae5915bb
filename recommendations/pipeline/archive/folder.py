"""An archive in a folder of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from recommendations.exceptions import InvalidInput


class FolderPlace:
    """Files below a folder, which is made with the first of them.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, folder: str = "") -> Iterator[str]:
        """The names of all files below a folder, in ascending order; what begins with a dot is unfinished."""
        found = (path for path in (self._root / folder).rglob("*") if path.is_file() and not path.name.startswith("."))
        yield from sorted(path.relative_to(self._root).as_posix() for path in found)

    def store(self, path: Path, name: str) -> None:
        """Copy a file there under another name, then rename it.

        Raises:
            InvalidInput: the folder cannot be written.
        """
        target = self._root / name
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, partial)
            partial.replace(target)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise InvalidInput(f"ARCHIVE_URL: {target} cannot be written: {error.strerror}.") from error

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a file.

        Raises:
            InvalidInput: it cannot be read.
        """
        try:
            file = (self._root / name).open("rb")
        except OSError as error:
            raise InvalidInput(f"ARCHIVE_URL: {self._root / name} cannot be read: {error.strerror}.") from error
        with file:
            yield file

    def delete(self, name: str) -> None:
        """Delete a file, and the folders that this leaves empty."""
        target = self._root / name
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self._root or not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()
