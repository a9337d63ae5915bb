"""Short keyed MACs for cookies and tokens, made from Django's secret key and its fallbacks."""

import hashlib
from functools import lru_cache
from hmac import compare_digest

from django.conf import settings


def mac(purpose: str, message: bytes, *, size: int) -> bytes:
    """Sign a message for one purpose.

    Args:
        purpose: at most 16 ASCII characters; a MAC made for one purpose is worth nothing for another.
        message: what to sign.
        size: bytes of the MAC.

    Source: RFC 7693, keyed BLAKE2b with personalisation.
    """
    return _mac(settings.SECRET_KEY, purpose, message, size)


def is_valid(purpose: str, message: bytes, given: bytes) -> bool:
    """Whether `given` signs the message under the secret key or one of its fallbacks, in constant time."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(compare_digest(_mac(secret, purpose, message, len(given)), given) for secret in secrets)


def _mac(secret: str | bytes, purpose: str, message: bytes, size: int) -> bytes:
    return hashlib.blake2b(message, digest_size=size, key=_key(secret), person=purpose.encode()).digest()


@lru_cache(maxsize=8)
def _key(secret: str | bytes) -> bytes:
    return hashlib.sha512(secret if isinstance(secret, bytes) else secret.encode()).digest()
