"""Files on S3: uploaded in checksummed parts, looked at afterwards, deleted by folder."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommendations.adapters.aws.clients import client
from recommendations.adapters.aws.errors import translated
from recommendations.exceptions import BackendUnavailable, InvalidInput

logger = logging.getLogger(__name__)

# Amazon S3 user guide, "Bucket naming rules".
LOCATION = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[^\s?#]*))?")
PART_BYTES = 16 * 1024 * 1024
# Each holds one part in memory.
N_THREADS = 4
# S3's own limit of one DeleteObjects.
DELETED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Folder:
    """A place on S3 below which files lie.

    Attributes:
        bucket: its name.
        prefix: without slashes at its ends; empty for the bucket itself.
    """

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, location: str) -> "Folder":
        """Read `s3://bucket/prefix`.

        Raises:
            InvalidInput: it is no such location.
        """
        match = LOCATION.fullmatch(location)
        if match is None:
            raise InvalidInput(f"PERSONALIZE_BUCKET == {location!r}: give s3://bucket or s3://bucket/folder.")
        return cls(match["bucket"], (match["prefix"] or "").strip("/"))

    def below(self, name: str) -> "Folder":
        """A folder inside this one."""
        return Folder(self.bucket, self._key(name))

    def location(self, name: str) -> str:
        """The location of a file in it, `s3://bucket/prefix/name`."""
        return f"s3://{self.bucket}/{self._key(name)}"

    def upload(self, path: Path, name: str) -> str:
        """Store a file; S3 compares the checksum of each part, and its length is compared at the end.

        Args:
            path: the local file; one of more than 16 MB goes up in parts.
            name: in the folder; a file of this name is replaced.

        Returns:
            The location.

        Raises:
            InvalidInput: the local file cannot be read.
            ResourceNotFound, BackendRefused: there is no such bucket, or it may not be written to.
            BackendThrottled, BackendUnavailable: try again.
        """
        key = self._key(name)
        try:
            file = path.open("rb")
        except OSError as error:
            raise InvalidInput(f"location == {str(path)!r} cannot be read: {error}.") from error
        with file, translated(f"Upload to {self.location(name)}"):
            s3 = client("s3")
            s3.upload_fileobj(
                file, self.bucket, key, ExtraArgs={"ChecksumAlgorithm": "SHA256"}, Config=_transfer_config()
            )
            n_stored = s3.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        n_sent = path.stat().st_size
        if n_stored != n_sent:
            raise BackendUnavailable(f"{self.location(name)} has {n_stored:,} bytes of {n_sent:,}; upload it again.")
        logger.info("uploaded", extra={"location": self.location(name), "n_bytes": n_sent})
        return self.location(name)

    def delete(self) -> None:
        """Delete all files below the folder; none there changes nothing.

        Raises:
            RecommendationsError: as for `upload`.
        """
        if not self.prefix:
            raise InvalidInput(f"s3://{self.bucket} itself is not deleted; name a folder in it.")
        with translated(f"Delete s3://{self.bucket}/{self.prefix}/"):
            s3 = client("s3")
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=f"{self.prefix}/", PaginationConfig={"PageSize": DELETED_AT_ONCE}
            )
            for page in pages:
                keys = [{"Key": each["Key"]} for each in page.get("Contents", ())]
                if keys:
                    _delete(s3, self.bucket, keys)

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


def _delete(s3: Any, bucket: str, keys: list[dict[str, str]]) -> None:
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    faults = answer.get("Errors", ())
    if faults:
        raise BackendUnavailable(f"s3://{bucket}/{faults[0]['Key']} was not deleted: {faults[0].get('Message', '')}.")


def _transfer_config() -> Any:
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(
        multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=N_THREADS, use_threads=True
    )
