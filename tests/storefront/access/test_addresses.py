"""The client's address: nobody chooses their own, and little of it is kept."""

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from storefront.access.addresses import UNKNOWN, address_of, counted, kept


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.9"),
        (0, "203.0.113.1", "192.0.2.9"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.9.9.9, 203.0.113.1", "203.0.113.1"),
        (2, "10.9.9.9, 203.0.113.1, 198.51.100.2", "203.0.113.1"),
        (2, "198.51.100.2", "192.0.2.9"),
        (1, "", UNKNOWN),
        (1, "somebody", UNKNOWN),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "2001:db8::7%eth0", "2001:db8::7"),
    ],
)
def test_address_is_as_far_from_the_end_as_proxies_are_trusted(
    settings: Settings, n_proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = n_proxies

    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR=forwarded)

    assert address_of(request) == address


def test_missing_address_is_unknown() -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) == UNKNOWN


@pytest.mark.parametrize(
    ("address", "network", "row"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::"),
    ],
)
def test_counts_go_by_line_and_rows_hold_less(address: str, network: str, row: str) -> None:
    assert counted(address) == network
    assert kept(RequestFactory().get("/", REMOTE_ADDR=address)) == row
