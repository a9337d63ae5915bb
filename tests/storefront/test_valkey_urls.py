"""One server, spelled as each library wants it."""

import pytest

from storefront.valkey_urls import ValkeyUrls


@pytest.mark.parametrize(
    ("url", "client", "broker"),
    [
        ("redis://cache:6379", "redis://cache:6379/1", "redis://cache:6379/1"),
        ("rediss://:secret@cache:6379/5?ssl_cert_reqs=none",)
        + ("rediss://:secret@cache:6379/1?ssl_cert_reqs=none",) * 2,
        ("unix:///run/v.sock", "unix:///run/v.sock?db=1", "redis+socket:///run/v.sock?virtual_host=1"),
        ("unix:///run/v.sock?db=3", "unix:///run/v.sock?db=1", "redis+socket:///run/v.sock?virtual_host=1"),
    ],
)
def test_spellings_name_the_same_server_and_the_asked_database(url: str, client: str, broker: str) -> None:
    urls = ValkeyUrls(url)

    assert urls.client(1) == client
    assert urls.broker(1) == broker
