"""Files reach S3 whole, in parts where they are large, and go with their folder."""

import base64
import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from recommendations.adapters.aws import storage
from recommendations.adapters.aws.storage import Folder
from recommendations.exceptions import BackendUnavailable, InvalidInput, RecommendationsError
from tests.aws_mock import BUCKET, AwsMock

MIB = 1024 * 1024


@pytest.fixture
def folder(s3_service: None) -> Folder:
    return Folder(BUCKET, f"storage/{uuid4().hex}")


def keys_below(aws_mock: AwsMock, folder: Folder) -> list[str]:
    found = aws_mock.client("s3").list_objects_v2(Bucket=folder.bucket, Prefix=folder.prefix).get("Contents", ())
    return [each["Key"].removeprefix(f"{folder.prefix}/") for each in found]


def test_file_is_stored_with_the_checksum_of_its_content(folder: Folder, aws_mock: AwsMock, tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    path.write_bytes(b"USER_ID,ITEM_ID,TIMESTAMP\n")

    location = folder.upload(path, "past.csv")

    stored = aws_mock.client("s3").get_object(Bucket=BUCKET, Key=f"{folder.prefix}/past.csv", ChecksumMode="ENABLED")
    assert location == f"s3://{BUCKET}/{folder.prefix}/past.csv"
    assert stored["Body"].read() == path.read_bytes()
    assert base64.b64decode(stored["ChecksumSHA256"]) == hashlib.sha256(path.read_bytes()).digest()


def test_large_file_goes_up_in_parts_and_arrives_whole(
    folder: Folder, aws_mock: AwsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "PART_BYTES", 5 * MIB)
    path = tmp_path / "large.csv"
    path.write_bytes(b"".join(bytes([number]) * MIB for number in range(12)))

    folder.upload(path, "large.csv")

    s3 = aws_mock.client("s3")
    stored = s3.get_object(Bucket=BUCKET, Key=f"{folder.prefix}/large.csv")
    assert stored["ETag"].strip('"').endswith("-3")
    assert hashlib.sha256(stored["Body"].read()).digest() == hashlib.sha256(path.read_bytes()).digest()


def test_upload_again_replaces_the_file(folder: Folder, aws_mock: AwsMock, tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    path.write_text("old and longer")
    folder.upload(path, "past.csv")
    path.write_text("new")

    folder.upload(path, "past.csv")

    assert keys_below(aws_mock, folder) == ["past.csv"]
    assert aws_mock.client("s3").get_object(Bucket=BUCKET, Key=f"{folder.prefix}/past.csv")["Body"].read() == b"new"


def test_upload_of_no_file_or_to_no_bucket_says_so(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "past.csv"

    with pytest.raises(InvalidInput, match="cannot be read"):
        folder.upload(path, "past.csv")
    path.write_text("here")
    with pytest.raises(RecommendationsError, match=r"s3://no-such-bucket/past\.csv"):
        Folder("no-such-bucket").upload(path, "past.csv")


def test_upload_to_nobody_is_unavailable(folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from recommendations.adapters.aws.clients import forget_clients
    from tests.running_shop import free_port

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget_clients()
    path = tmp_path / "past.csv"
    path.write_text("here")

    with pytest.raises(BackendUnavailable):
        folder.upload(path, "past.csv")


def test_folder_is_deleted_with_all_below_it_and_nothing_beside_it(
    folder: Folder, aws_mock: AwsMock, tmp_path: Path
) -> None:
    path = tmp_path / "past.csv"
    path.write_text("here")
    for name in ("one/a.csv", "one/deep/b.csv", "one-more/c.csv"):
        folder.upload(path, name)

    for _ in range(2):
        folder.below("one").delete()

    assert keys_below(aws_mock, folder) == ["one-more/c.csv"]
    with pytest.raises(InvalidInput, match="name a folder"):
        Folder(BUCKET).delete()


@pytest.mark.parametrize(
    ("location", "bucket", "prefix"),
    [("s3://bucket", "bucket", ""), ("s3://bucket/", "bucket", ""), ("s3://my.bucket/a/b/", "my.bucket", "a/b")],
)
def test_location_is_read_as_bucket_and_prefix(location: str, bucket: str, prefix: str) -> None:
    assert Folder.parse(location) == Folder(bucket, prefix)


@pytest.mark.parametrize("location", ["", "bucket", "https://bucket/a", "s3://", "s3://UPPER/a", "s3://bucket/a b"])
def test_location_that_is_none_is_refused(location: str) -> None:
    with pytest.raises(InvalidInput, match="PERSONALIZE_BUCKET"):
        Folder.parse(location)
