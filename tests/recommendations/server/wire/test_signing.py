from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.signing import SignedRequest, verify

SECRETS = {"AKIAEXAMPLE": "a-secret"}


def signed(
    url: str = "http://127.0.0.1:4010/recommendations",
    *,
    body: bytes = b'{"userId":"u"}',
    key: str = "AKIAEXAMPLE",
    secret: str = "a-secret",
    token: str | None = None,
    service: str = "personalize",
) -> SignedRequest:
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(key, secret, token), service, "us-east-1").add_auth(request)
    parts = urlsplit(url)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    headers["host"] = parts.netloc
    return SignedRequest("POST", parts.path, parts.query, headers, body)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"url": "http://localhost:4010/"},
        {"url": "http://localhost:4010/a%20b/c?x=1&x=%2F&a="},
        {"body": "größe".encode()},
        {"token": "session-token"},
    ],
)
def test_signature_of_botocore_is_accepted(given: dict[str, Any]) -> None:
    credential = verify(signed(**given), SECRETS, now=now())

    assert (credential.access_key, credential.region) == ("AKIAEXAMPLE", "us-east-1")


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"secret": "another"}, "InvalidSignatureException", "does not match"),
        ({"key": "AKIAOTHER"}, "UnrecognizedClientException", "token"),
        ({"service": "s3"}, "InvalidSignatureException", "correct service"),
    ],
)
def test_signature_of_another_is_refused(given: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(ApiFault, match=words) as refused:
        verify(signed(**given), SECRETS, now=now())

    assert refused.value.code == code


def changed(request: SignedRequest, **values: object) -> SignedRequest:
    fields = {name: getattr(request, name) for name in SignedRequest.__slots__}
    return SignedRequest(**{**fields, **values})


def test_signature_covers_body_path_and_signed_headers() -> None:
    request = signed()
    others = [
        changed(request, body=b'{"userId":"v"}'),
        changed(request, path="/personalize-ranking"),
        changed(request, query="x=1"),
        changed(request, headers={**request.headers, "host": "elsewhere"}),
    ]

    for other in others:
        with pytest.raises(ApiFault, match="does not match"):
            verify(other, SECRETS, now=now())


@pytest.mark.parametrize(("skew", "words"), [(6, "expired"), (-6, "not yet current")])
def test_signature_of_a_skewed_clock_is_refused(skew: int, words: str) -> None:
    request = signed()

    with pytest.raises(ApiFault, match=words) as refused:
        verify(request, SECRETS, now=now() + timedelta(minutes=skew))

    assert refused.value.code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "MissingAuthenticationTokenException"),
        ("Bearer abc", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256", "IncompleteSignatureException"),
    ],
)
def test_header_that_is_no_signature_is_refused(authorization: str, code: str) -> None:
    request = signed()
    headers = {**request.headers, "authorization": authorization}

    with pytest.raises(ApiFault) as refused:
        verify(changed(request, headers=headers), SECRETS, now=now())

    assert refused.value.code == code


def test_signature_that_leaves_out_the_host_is_refused() -> None:
    request = signed()
    authorization = request.headers["authorization"].replace("content-type;host;", "content-type;")

    with pytest.raises(ApiFault, match="Host"):
        verify(changed(request, headers={**request.headers, "authorization": authorization}), SECRETS, now=now())
