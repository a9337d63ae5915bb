"""The server as a WSGI application: a signed request in, its operation's answer or fault out."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import DatabaseError, close_old_connections
from redis.exceptions import RedisError

from recommendations.exceptions import RecommendationsError
from recommendations.server.translating import to_fault
from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.operations import CONTENT_TYPES, Operation, find_operation
from recommendations.server.wire.reading import Parameters, read_parameters
from recommendations.server.wire.signing import SignedRequest, real_time, verify
from recommendations.server.wire.writing import write_answer, write_fault

logger = logging.getLogger(__name__)

# Ten items of 32,000 characters of properties, each of which may take four bytes, and what is around them.
MAX_BODY_BYTES = 2_000_000

# Asked without a signature by whoever waits for the server to be up; Amazon has no such address.
PING = "/ping"

Answer = Mapping[str, Any]
Handler = Callable[[Parameters], Answer]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Application:
    """Dispatches by botocore's own models; every refusal is an error that boto3 raises by its name.

    Args of the constructor:
        handlers: operation -> what answers it; an operation without one is refused as not offered.
        secrets: access key -> its secret; with none at all, requests need no signature.
    """

    def __init__(self, handlers: Mapping[str, Handler], secrets: Mapping[str, str]) -> None:
        self._handlers = handlers
        self._secrets = secrets

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] == "GET" and environ.get("PATH_INFO") == PING:
            start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
            return [b"ok"]
        request_id = str(uuid.uuid4())
        started_s = time.perf_counter()
        name, protocol, fault = "", "rest-json", None
        if environ.get("HTTP_X_AMZ_TARGET"):
            protocol = "json"
        try:
            operation, parameters = self._read(environ)
            name, protocol = operation.name, operation.protocol
            status, body = 200, self._run(operation, parameters)
        except ApiFault as refused:
            fault = refused
            status, body = fault.status(protocol), write_fault(fault)
        headers = [
            ("Content-Type", CONTENT_TYPES["json" if protocol == "json" else "rest-json"]),
            ("Content-Length", str(len(body))),
            ("x-amzn-RequestId", request_id),
        ]
        if fault is not None:
            headers.append(("x-amzn-errortype", fault.code))
        logger.log(
            logging.DEBUG if fault is None else logging.INFO,
            "answered",
            extra={
                "operation": name,
                "aws_request_id": request_id,
                "code": fault.code if fault else "",
                "took_ms": round((time.perf_counter() - started_s) * 1000, 2),
            },
        )
        start_response(f"{status} {'OK' if status == 200 else 'Error'}", headers)
        return [body]

    def _read(self, environ: Mapping[str, Any]) -> tuple[Operation, Parameters]:
        body = _read_body(environ)
        path = environ.get("PATH_INFO") or "/"
        method = environ["REQUEST_METHOD"]
        if self._secrets:
            request = SignedRequest(
                method, _raw_path(environ), environ.get("QUERY_STRING", ""), _headers(environ), body
            )
            verify(request, self._secrets, now=real_time())
        operation = find_operation(method, path, environ.get("HTTP_X_AMZ_TARGET", ""))
        return operation, read_parameters(body, operation.input_shape)

    def _run(self, operation: Operation, parameters: Parameters) -> bytes:
        handler = self._handlers.get(operation.name)
        if handler is None:
            raise ApiFault("InvalidInputException", f"{operation.name} is not offered by this server.")
        close_old_connections()
        try:
            return write_answer(handler(parameters), operation.output_shape)
        except ApiFault:
            raise
        except RecommendationsError as error:
            raise to_fault(error) from error
        except (DatabaseError, RedisError) as error:
            logger.warning("The server's database or Valkey does not answer.", extra={"error": str(error)})
            raise ApiFault("ServiceUnavailableException", "The service is unavailable; try again.") from error
        except Exception as error:
            logger.exception("An operation failed.", extra={"operation": operation.name})
            raise ApiFault("InternalServerException", "An internal error occurred.") from error
        finally:
            close_old_connections()


def _read_body(environ: Mapping[str, Any]) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise ApiFault("SerializationException", "Content-Length is no number.") from error
    if not 0 <= length <= MAX_BODY_BYTES:
        raise ApiFault("RequestEntityTooLargeException", f"The body may have at most {MAX_BODY_BYTES} bytes.")
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    return body


def _raw_path(environ: Mapping[str, Any]) -> str:
    """The path as it was sent: what was signed is not decoded."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    return str(raw).partition("?")[0] if raw else (environ.get("PATH_INFO") or "/")


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers
