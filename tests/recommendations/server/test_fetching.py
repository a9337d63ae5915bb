"""What imports read: files, folders, a web server's answers and S3's objects, and what they refuse to follow."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from recommendations.exceptions import InvalidInput
from recommendations.server import fetching
from recommendations.server.fetching import fetch
from tests.aws_mock import BUCKET, AwsMock

HEADER, FIRST, SECOND = b"USER_ID,ITEM_ID\n", b"u1,i1\n", b"u2,i2"


class _Web(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, bytes]] = {"/good.csv": HEADER + FIRST}

    def do_GET(self) -> None:
        body = self.pages.get(self.path)
        if self.path == "/moved.csv":
            self.send_response(302)
            self.send_header("Location", "/good.csv")
            self.end_headers()
            return
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_file_is_fetched_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "with space.csv", tmp_path / "deep" / "target.csv"
    source.write_bytes(HEADER + FIRST + SECOND)

    fetch(f"file://{tmp_path}/with%20space.csv", target)

    assert target.read_bytes() == HEADER + FIRST + SECOND + b"\n"


def test_folder_is_its_csv_files_one_after_another_under_one_header(tmp_path: Path) -> None:
    folder, target = tmp_path / "folder", tmp_path / "target.csv"
    folder.mkdir()
    (folder / "b.csv").write_bytes(HEADER + FIRST)
    (folder / "a.csv").write_bytes(HEADER + SECOND)
    (folder / "readme.txt").write_bytes(b"nothing of it")

    fetch(f"file://{folder}", target)

    assert target.read_bytes() == HEADER + SECOND + b"\n" + FIRST
    (folder / "c.csv").write_bytes(b"ITEM_ID,USER_ID\n")
    with pytest.raises(InvalidInput, match="different headers"):
        fetch(f"file://{folder}", target)


def test_location_without_a_csv_file_is_refused(tmp_path: Path, aws_mock: AwsMock, web: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    for location in (f"file://{empty}", f"file://{empty}/nothing.csv", f"{web}/nothing.csv"):
        with pytest.raises(InvalidInput, match=r"nothing\.csv|holds no \.csv file"):
            fetch(location, tmp_path / "target.csv")


def test_web_servers_answer_is_fetched_and_its_redirect_is_not_followed(tmp_path: Path, web: str) -> None:
    target = tmp_path / "target.csv"

    fetch(f"{web}/good.csv", target)

    assert target.read_bytes() == HEADER + FIRST
    with pytest.raises(InvalidInput, match="302"):
        fetch(f"{web}/moved.csv", target)


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 20)
    source = tmp_path / "large.csv"
    source.write_bytes(HEADER + FIRST * 10)

    with pytest.raises(InvalidInput, match="GB"):
        fetch(f"file://{source}", tmp_path / "target.csv")


def test_objects_of_s3_are_fetched_one_or_a_folder_of_them(
    tmp_path: Path, aws_mock: AwsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_mock.environment.items():
        monkeypatch.setenv(name, value)
    fetching._s3.cache_clear()
    s3, target = aws_mock.client("s3"), tmp_path / "target.csv"
    for key, body in (("b.csv", HEADER + FIRST), ("a.csv", HEADER + SECOND), ("note.txt", b"nothing of it")):
        s3.put_object(Bucket=BUCKET, Key=f"fetching/{key}", Body=body)

    fetch(f"s3://{BUCKET}/fetching/b.csv", target)
    one = target.read_bytes()
    fetch(f"s3://{BUCKET}/fetching/", target)

    assert one == HEADER + FIRST
    assert target.read_bytes() == HEADER + SECOND + b"\n" + FIRST
    with pytest.raises(InvalidInput, match="cannot be read"):
        fetch(f"s3://{BUCKET}/fetching/c.csv", target)
    with pytest.raises(InvalidInput, match=r"holds no \.csv file"):
        fetch(f"s3://{BUCKET}/nowhere/", target)
    fetching._s3.cache_clear()
