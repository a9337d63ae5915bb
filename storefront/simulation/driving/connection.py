"""One kept-alive HTTP connection to a shop on this machine, and a shopper's cookies."""

import http.client
import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 30.0
AGENT = "Mozilla/5.0 (compatible; storefront-shopper)"
REDIRECTS = {301, 302, 303, 307, 308}


class AddressRefused(ValueError):
    """The address is not a shop on this machine; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the shop listens, on loopback."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """The target of an address.

        Raises:
            AddressRefused: another scheme than http, a path, or a host that leads off this machine.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or not host or parts.path not in {"", "/"}:
            raise AddressRefused(f"--url is {url!r}; give http://127.0.0.1:PORT.")
        try:
            found = {info[4][0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
            port = parts.port or 80
        except (OSError, ValueError) as error:
            raise AddressRefused(f"--url is {url!r}; give http://127.0.0.1:PORT.") from error
        if not found or not all(ipaddress.ip_address(address).is_loopback for address in found):
            raise AddressRefused(f"--url is {url!r}; simulated shoppers use a shop on this machine alone: 127.0.0.1.")
        return cls(host, port)

    @property
    def origin(self) -> str:
        """The shop's origin, as browsers send it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@dataclass(slots=True)
class Cookies:
    """A shopper's cookies for the shop."""

    held: dict[str, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.held.items())

    def take(self, set_cookies: list[str]) -> None:
        """Keep what a response sets, drop what it deletes."""
        for line in set_cookies:
            pair, _, attributes = line.partition(";")
            name, _, value = pair.strip().partition("=")
            if "max-age=0" in attributes.lower() or value in {"", '""'}:
                self.held.pop(name, None)
            else:
                self.held[name] = value.strip('"')


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, where it leads, and its text."""

    status: int
    location: str
    text: str


class Connection:
    """Asks one request at a time; a broken connection is opened anew by the next."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection = http.client.HTTPConnection(target.host, target.port, timeout=TIMEOUT_S)

    def get(self, path: str, cookies: Cookies) -> Answer:
        """One page.

        Raises:
            OSError, http.client.HTTPException: no answer, or a broken one.
        """
        return self._ask("GET", path, cookies, None, {})

    def post_form(self, path: str, cookies: Cookies, fields: dict[str, str]) -> Answer:
        """Send a form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._target.origin}
        return self._ask("POST", path, cookies, urlencode(fields).encode(), headers)

    def send_beacon(self, path: str, cookies: Cookies, body: str) -> Answer:
        """Send as `navigator.sendBeacon` does."""
        headers = {"Content-Type": "text/plain;charset=UTF-8", "Origin": self._target.origin}
        return self._ask("POST", path, cookies, body.encode(), {**headers, "Sec-Fetch-Site": "same-origin"})

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, cookies: Cookies, body: bytes | None, headers: dict[str, str]) -> Answer:
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers}
        if cookies.held:
            sent["Cookie"] = cookies.header
        try:
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        cookies.take(response.headers.get_all("Set-Cookie") or [])
        location = response.getheader("Location") or "" if response.status in REDIRECTS else ""
        return Answer(response.status, location, content.decode("utf-8", "replace"))
