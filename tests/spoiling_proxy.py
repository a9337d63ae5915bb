"""Stands before a wire server and spoils its answers as `manage.py personalize --fault` does, and stops when told."""

import http.client
import threading
from collections.abc import Iterable, Mapping
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from recommendations.server.application import StartResponse
from recommendations.server.faulty import FaultMode, Faulty

PASSED_ON = ("HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_X_AMZ_DATE", "HTTP_X_AMZ_TARGET", "CONTENT_TYPE")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hung up are no news here."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has there
        """Log nothing."""


class SpoilingProxy:
    """Listens at `url` while entered; `spoil` and `heal` say how it answers from then on."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._healed = threading.Event()
        self._faulty: Faulty | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, _Server, _Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def spoil(self, mode: FaultMode, *, share: float = 1.0) -> None:
        self._healed = threading.Event()
        self._faulty = Faulty(self._pass_on, mode, share, sleep=self._healed.wait)

    def heal(self) -> None:
        """Answer as the server does; what hangs stays hanging no longer."""
        self._faulty = None
        self._healed.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return (self._faulty or self._pass_on)(environ, start_response)

    def _pass_on(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        names = {name: name.removeprefix("HTTP_").replace("_", "-") for name in PASSED_ON}
        # The signature covers the headers as they were sent, the host among them.
        headers = {label: environ[name] for name, label in names.items() if environ.get(name)}
        connection = http.client.HTTPConnection(self._target.hostname or "", self._target.port, timeout=30)
        try:
            connection.request(environ["REQUEST_METHOD"], environ["PATH_INFO"], body, headers)
            answer = connection.getresponse()
            told = answer.read()
        finally:
            connection.close()
        kept = [
            (name, value) for name, value in answer.getheaders() if name.lower() in {"content-type", "x-amzn-errortype"}
        ]
        start_response(f"{answer.status} {answer.reason}", [*kept, ("Content-Length", str(len(told)))])
        return [told]
