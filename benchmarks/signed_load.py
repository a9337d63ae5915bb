"""An open-loop load of requests signed beforehand, over connections kept alive: what a server does, not a client."""

import itertools
import json
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.load import LoadReport

CONNECTIONS = 16


def sign(url: str, path: str, bodies: Iterable[Mapping[str, Any]], key: str, secret: str, region: str) -> list[bytes]:
    """Return whole requests, ready to be sent; a signature is good for five minutes."""
    signer = SigV4Auth(Credentials(key, secret), "personalize", region)
    host = url.removeprefix("http://")
    requests = []
    for body in bodies:
        data = json.dumps(body)
        request = AWSRequest(
            "POST", f"{url}{path}", headers={"Content-Type": "application/json", "Host": host}, data=data
        )
        signer.add_auth(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        requests.append(f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(data)}\r\n\r\n{data}".encode())
    return requests


class Connection:
    """One connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the status and the body."""
        self._socket.sendall(request)
        answer = self._rest
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._receive()
        head = answer[:end].lower()
        at = head.index(b"content-length:") + len(b"content-length:")
        stop = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        while len(answer) < stop:
            answer += self._receive()
        self._rest = answer[stop:]
        return int(head.split(b" ", 2)[1]), answer[end + 4 : stop]

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _receive(self) -> bytes:
        received = self._socket.recv(65_536)
        if not received:
            raise ConnectionError("The server closed the connection.")
        return received


def drive(port: int, requests: Sequence[bytes], *, rate: float, expected: int = 200) -> LoadReport:
    """Send each request once, at a steady rate, whether or not earlier ones have come back.

    Args:
        port: on this machine.
        requests: as `sign` returns them.
        rate: requests a second; infinite for as fast as they are answered.
        expected: the status of a good answer.

    Returns:
        Every latency, from the moment a request was due, and every failure.
    """
    report, lock, turns = LoadReport(), threading.Lock(), itertools.count()
    started = time.monotonic() + 0.2

    def work() -> None:
        connection = Connection(port)
        while (turn := next(turns)) < len(requests):
            due = started + turn / rate if rate != float("inf") else time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                status, _ = connection.ask(requests[turn])
                fault = "" if status == expected else f"status {status}"
            except OSError as error:
                fault = repr(error)
                connection.close()
                connection = Connection(port)
            took = time.monotonic() - due
            with lock:
                if fault:
                    report.failures.append(fault)
                else:
                    report.latencies_s.append(took)
        connection.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report
