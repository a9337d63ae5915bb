import pytest

from recommendations.server.locations import check_location
from recommendations.server.wire.faults import ApiFault


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        ("s3://bucket/folder/file.csv", "s3://bucket"),
        ("s3://bucket/folder/file.csv", "s3://bucket/folder"),
        ("s3://bucket/folder/file.csv", "s3://bucket/folder/"),
        ("s3://bucket/folder/file.csv", "s3://bucket/folder/file.csv"),
        ("http://127.0.0.1:8080/data/x.csv", "http://127.0.0.1/data"),
        ("http://127.0.0.1:8080/data/x.csv", "http://127.0.0.1:8080"),
        ("https://Example.com/x.csv", "https://example.com"),
        ("file:///data/with%20space/x.csv", "file:///data"),
    ],
)
def test_location_below_one_that_is_listed_is_allowed(location: str, rule: str) -> None:
    check_location(location, ["s3://elsewhere", rule])


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        # Another scheme, host or port.
        ("http://bucket/folder/file.csv", "s3://bucket"),
        ("https://127.0.0.1/x.csv", "http://127.0.0.1"),
        ("s3://bucket2/file.csv", "s3://bucket"),
        ("http://127.0.0.1.evil.example/x.csv", "http://127.0.0.1"),
        ("http://127.0.0.1:8080/x.csv", "http://127.0.0.1:80"),
        ("http://127.0.0.1/x.csv", "http://127.0.0.1:8080"),
        # Segments that only begin alike, or lie above.
        ("s3://bucket/folder2/file.csv", "s3://bucket/folder"),
        ("s3://bucket/file.csv", "s3://bucket/folder"),
        ("file:///database/x.csv", "file:///data"),
        # Nothing is listed.
        ("s3://bucket/file.csv", ""),
    ],
)
def test_location_that_is_not_below_is_refused(location: str, rule: str) -> None:
    with pytest.raises(ApiFault, match="PERSONALIZE_DATA_LOCATIONS") as refused:
        check_location(location, [rule])

    assert refused.value.code == "InvalidInputException"


@pytest.mark.parametrize(
    "location",
    [
        "file:///data/../etc/passwd",
        "file:///data/%2e%2e/etc/passwd",
        "file:///data/..%2fetc/passwd",
        "file:///data/./x.csv",
        "file://host/data/x.csv",
        "http://127.0.0.1/data?x=1",
        "http://127.0.0.1/data#x",
        "http://user@127.0.0.1/data/x.csv",
        "http://127.0.0.1\\@evil.example/data/x.csv",
        "http://127.0.0.1:0/data/x.csv",
        "http://127.0.0.1:port/data/x.csv",
        "http://[::1/data/x.csv",
        "http:///data/x.csv",
        "http://127.0.0.1/data/\nx.csv",
        "ftp://127.0.0.1/data/x.csv",
        "gopher://127.0.0.1/data/x.csv",
        "/data/x.csv",
        "",
    ],
)
def test_location_that_could_be_read_otherwise_is_refused_whatever_is_listed(location: str) -> None:
    listed = ["file:///", "http://127.0.0.1", "ftp://127.0.0.1", "http://evil.example", "http://user@127.0.0.1"]

    with pytest.raises(ApiFault, match=r"dataSource\.dataLocation"):
        check_location(location, listed)
