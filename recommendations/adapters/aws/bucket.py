"""Files below a prefix of an S3 bucket, by name: listed, stored, read and deleted one by one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from recommendations.adapters.aws.clients import client
from recommendations.adapters.aws.errors import translated
from recommendations.adapters.aws.storage import Folder

# A file of this size stays in memory while it is read, a larger one goes to the disk.
SPOOLED_BYTES = 16 * 1024 * 1024


class BucketPlace:
    """A prefix of a bucket.

    Args:
        bucket: its name.
        prefix: without slashes at its ends; empty for the bucket itself.
    """

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self._folder = Folder(bucket, prefix)
        self._root = f"{prefix}/" if prefix else ""

    def names(self, folder: str = "") -> Iterator[str]:
        """The names of all files below a folder, in ascending order; a thousand a request.

        Raises:
            RecommendationsError: as `Folder.upload` has them.
        """
        with translated(f"List s3://{self._folder.bucket}/{self._root}{folder}"):
            pages = client("s3").get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._folder.bucket, Prefix=f"{self._root}{folder}"):
                for each in page.get("Contents", ()):
                    yield str(each["Key"]).removeprefix(self._root)

    def store(self, path: Path, name: str) -> None:
        """Upload a file, checksummed.

        Raises:
            RecommendationsError: as `Folder.upload` has them.
        """
        self._folder.upload(path, name)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a file, fetched whole before the first is given out.

        Raises:
            RecommendationsError: as `Folder.upload` has them.
        """
        with tempfile.SpooledTemporaryFile(SPOOLED_BYTES) as file:
            with translated(f"Download {self._folder.location(name)}"):
                client("s3").download_fileobj(self._folder.bucket, f"{self._root}{name}", file)
            file.seek(0)
            yield cast("BinaryIO", file)

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there changes nothing.

        Raises:
            RecommendationsError: as `Folder.upload` has them.
        """
        with translated(f"Delete {self._folder.location(name)}"):
            client("s3").delete_object(Bucket=self._folder.bucket, Key=f"{self._root}{name}")
