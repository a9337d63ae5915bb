"""Where the archive lies: a folder or S3, by `ARCHIVE_URL`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from recommendations import conf
from recommendations.exceptions import InvalidInput
from recommendations.pipeline.archive.folder import FolderPlace


class Place(Protocol):
    """Files by name, names being paths with slashes. Every method may raise `RecommendationsError`."""

    def names(self, folder: str = "") -> Iterator[str]:
        """The names of all files below a folder, in ascending order; `folder` ends with a slash or is empty."""

    def store(self, path: Path, name: str) -> None:
        """Have a local file there, whole or not at all; one of this name is replaced."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file."""

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there changes nothing."""


def open_place() -> Place:
    """The shop's archive.

    Raises:
        InvalidInput: the settings name none.
    """
    url = conf.archive_url()
    if not url:
        raise InvalidInput("ARCHIVE_URL is empty: name a folder, file:///srv/archive, or S3, s3://bucket/folder.")
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderPlace(Path(unquote(parts.path)))
    # AWS's library takes a tenth of a second to load, which only shops with an archive there pay.
    from recommendations.adapters.aws.bucket import BucketPlace

    return BucketPlace(parts.netloc, parts.path.strip("/"))
