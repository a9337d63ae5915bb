"""The address that a request came from: behind trusted proxies, and as little of it as is kept."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# What one household or machine holds; a whole IPv6 /64 belongs to one line.
COUNTED_BITS = {4: 32, 6: 64}
# What rows may hold: no longer a person's.
KEPT_BITS = {4: 24, 6: 48}
UNKNOWN = "0.0.0.0"  # noqa: S104 - a value that no client has, not an interface to listen on


def address_of(request: HttpRequest) -> str:
    """The client's address.

    Each trusted proxy appends the address it was asked from to `X-Forwarded-For`: with `TRUSTED_PROXIES` of them the
    client's stands that many places from the end, and whatever the client wrote there itself stands further left.

    Returns:
        An IPv4 or IPv6 address; `UNKNOWN` where there is none that can be read.
    """
    n_proxies: int = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if n_proxies and len(forwarded) >= n_proxies:
        return _read(forwarded[-n_proxies])
    return _read(request.META.get("REMOTE_ADDR", ""))


def counted(address: str) -> str:
    """The network whose requests are counted together: an IPv4 address, an IPv6 /64."""
    return _network(address, COUNTED_BITS)


def kept(request: HttpRequest) -> str:
    """The request's address as rows may hold it: the first address of its /24 or /48."""
    return _network(address_of(request), KEPT_BITS)


def _network(address: str, bits: dict[int, int]) -> str:
    found = ip_address(address)
    return str(ip_network((found, bits[found.version]), strict=False).network_address)


def _read(text: str) -> str:
    try:
        found: IPv4Address | IPv6Address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return UNKNOWN
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
