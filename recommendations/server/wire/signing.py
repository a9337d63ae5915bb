"""AWS Signature Version 4, verified: who signs, over what, and when."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from recommendations.server.wire.faults import ApiFault

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "personalize"
# How far a client's clock may be from ours.
MAX_SKEW = timedelta(minutes=5)
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature covers.

    Attributes:
        path: as it was sent, percent-encoded.
        query: without the question mark.
        headers: lower-case name -> value.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Credential:
    """The scope of a signature, as its header names it."""

    access_key: str
    date: str
    region: str
    signed_headers: tuple[str, ...]
    signature: str


def real_time() -> datetime:
    """Return the system's time: a client's clock is compared with it, whatever time the world has."""
    return datetime.now(UTC)


def verify(request: SignedRequest, secrets: Mapping[str, str], *, now: datetime) -> Credential:
    """Return who signed the request.

    Args:
        request: the request as it was received.
        secrets: access key -> its secret.
        now: the real time, aware.

    Raises:
        ApiFault: MissingAuthenticationTokenException without a signature, UnrecognizedClientException for an unknown
            key, InvalidSignatureException for a wrong signature or a clock more than five minutes off.

    Source:
        AWS General Reference, "Create a signed AWS API request".
    """
    authorization = request.headers.get("authorization", "")
    if not authorization:
        raise ApiFault("MissingAuthenticationTokenException", "Missing Authentication Token")
    credential = _parse(authorization)
    secret = secrets.get(credential.access_key)
    if secret is None:
        raise ApiFault("UnrecognizedClientException", "The security token included in the request is invalid.")
    signed_at = request.headers.get("x-amz-date", "")
    _require_recent(signed_at, credential.date, now)
    if "host" not in credential.signed_headers:
        raise _mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    scope = f"{credential.date}/{credential.region}/{SERVICE}/aws4_request"
    digest = hashlib.sha256(_canonical(request, credential.signed_headers)).hexdigest()
    text = "\n".join((ALGORITHM, signed_at, scope, digest)).encode()
    key = _signing_key(secret, credential.date, credential.region)
    expected = hmac.new(key, text, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, credential.signature):
        raise _mismatch(
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
        )
    return credential


def _mismatch(message: str) -> ApiFault:
    return ApiFault("InvalidSignatureException", message)


def _parse(authorization: str) -> Credential:
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    scope = fields.get("Credential", "").split("/")
    headers = tuple(fields.get("SignedHeaders", "").split(";"))
    signature = fields.get("Signature", "")
    if algorithm != ALGORITHM or len(scope) != 5 or not headers[0] or not signature.isascii():
        raise ApiFault(
            "IncompleteSignatureException",
            f"Authorization header requires '{ALGORITHM}', 'Credential', 'SignedHeaders' and 'Signature' parameters.",
        )
    access_key, date, region, service, end = scope
    if service != SERVICE or end != "aws4_request":
        raise _mismatch(f"Credential should be scoped to correct service: '{SERVICE}'.")
    return Credential(access_key, date, region, headers, signature)


def _require_recent(signed_at: str, date: str, now: datetime) -> None:
    try:
        moment = datetime.strptime(signed_at, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise ApiFault(
            "IncompleteSignatureException", f"Date must be in ISO-8601 'basic format'. Got {signed_at[:40]!r}."
        ) from error
    if not signed_at.startswith(date):
        raise _mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
    told = now.strftime(TIME_FORMAT)
    if moment < now - MAX_SKEW:
        raise _mismatch(f"Signature expired: {signed_at} is more than 5 minutes before {told}.")
    if moment > now + MAX_SKEW:
        raise _mismatch(f"Signature not yet current: {signed_at} is more than 5 minutes after {told}.")


def _canonical(request: SignedRequest, signed_headers: tuple[str, ...]) -> bytes:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed_headers)
    pairs = sorted(
        (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED))
        for name, value in parse_qsl(request.query, keep_blank_values=True)
    )
    return "\n".join(
        (
            request.method,
            # Every service but S3 encodes the path once more.
            quote(request.path or "/", safe=f"/{UNRESERVED}"),
            "&".join(f"{name}={value}" for name, value in pairs),
            headers,
            ";".join(signed_headers),
            hashlib.sha256(request.body).hexdigest(),
        )
    ).encode()


@lru_cache(maxsize=64)
def _signing_key(secret: str, date: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
