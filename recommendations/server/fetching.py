"""Brings the CSV files of a location into one local file; stops where it is too large."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from recommendations.exceptions import InvalidInput

# Amazon Personalize developer guide, "Quotas": the most data of a FULL import is 100 GB; a disk here holds less.
MAX_BYTES = 20_000_000_000
TIMEOUT_S = 30.0
CHUNK = 1 << 20


class _NoRedirects(HTTPRedirectHandler):
    """A redirect could lead to where nothing may be read from."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


def fetch(location: str, target: Path) -> None:
    """Write the CSV file of a location, or all of an S3 or local folder one after another, to a file.

    Args:
        location: allowed by `locations.check_location`.
        target: the local file; replaced.

    Raises:
        InvalidInput: it cannot be read, is too large, or its files have different headers.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    header = b""
    with target.open("wb") as written:
        for source in _sources(location):
            with closing(source):
                first = source.readline()
                if header and first.strip() != header.strip():
                    raise InvalidInput(f"{location}: its files have different headers.")
                if not header:
                    header = first
                    written.write(first)
                _copy(source, written, location)


def _copy(source: IO[bytes], target: IO[bytes], location: str) -> None:
    last = b"\n"
    while chunk := source.read(CHUNK):
        target.write(chunk)
        last = chunk[-1:]
        if target.tell() > MAX_BYTES:
            raise InvalidInput(f"{location} has more than {MAX_BYTES // 10**9} GB.")
    if last != b"\n":
        target.write(b"\n")


def _sources(location: str) -> Iterator[IO[bytes]]:
    scheme = urlsplit(location).scheme
    opener = {"s3": _open_s3, "file": _open_files}.get(scheme, _open_http)
    with _as_invalid(location):
        yield from opener(location)


@contextmanager
def _as_invalid(location: str) -> Iterator[None]:
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        raise InvalidInput(f"{location} cannot be read: {error}.") from error


def _open_files(location: str) -> Iterator[IO[bytes]]:
    path = Path(unquote(urlsplit(location).path))
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise InvalidInput(f"{location} holds no .csv file.")
    for file in files:
        yield file.open("rb")


def _open_http(location: str) -> Iterator[IO[bytes]]:
    # The scheme was checked: http or https.
    yield build_opener(_NoRedirects).open(Request(location), timeout=TIMEOUT_S)  # noqa: S310


def _open_s3(location: str) -> Iterator[IO[bytes]]:
    parts = urlsplit(location)
    bucket, key = parts.netloc, unquote(parts.path.lstrip("/"))
    client = _s3()
    keys = [key]
    if not key or key.endswith("/"):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        keys = sorted(
            each["Key"] for page in pages for each in page.get("Contents", ()) if each["Key"].endswith(".csv")
        )
    if not keys:
        raise InvalidInput(f"{location} holds no .csv file.")
    for each in keys:
        yield client.get_object(Bucket=bucket, Key=each)["Body"]


@cache
def _s3() -> Any:
    """One client a process, made when it is first needed; AWS_ENDPOINT_URL_S3 names another S3."""
    return boto3.client("s3", config=Config(connect_timeout=5, read_timeout=TIMEOUT_S, retries={"max_attempts": 3}))
