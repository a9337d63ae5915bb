"""The shopper cookie: key, visit, last-seen time and privacy choice, signed; a broken one reads as none."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpResponse

from recommendations.events import signatures

NAME = "shopper"
# Browsers take a cookie with this prefix over HTTPS from this very host alone: no neighbour can plant one.
BOUND_NAME = f"__Host-{NAME}"
# Browsers keep no cookie for longer.
LIFE_S = 400 * 86_400
PURPOSE = "shopper-cookie"
VERSION = "1"
MAC_BYTES = 16
MAX_LENGTH = 1024


class Consent(StrEnum):
    """What the shopper chose about being recorded."""

    UNASKED = "u"
    GIVEN = "y"
    REFUSED = "n"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the cookie holds; `seen_s` in epoch seconds; of a refusal, the choice alone."""

    shopper_key: str
    session_id: str
    seen_s: int
    consent: Consent


def name() -> str:
    """What the cookie is called: where it goes by HTTPS alone, with the prefix that binds it to the host."""
    return BOUND_NAME if settings.SESSION_COOKIE_SECURE else NAME


def read(value: str) -> Visit | None:
    """The visit of a cookie's value, or None where it is missing, broken or forged."""
    if not value or len(value) > MAX_LENGTH:
        return None
    signed, _, given = value.rpartition(".")
    try:
        mac = base64.urlsafe_b64decode(given.encode("ascii") + b"==")
        if len(mac) != MAC_BYTES or not signatures.is_valid(PURPOSE, signed.encode(), mac):
            return None
        version, consent, seen, session_id, shopper_key = signed.split(".", 4)
        return Visit(unquote(shopper_key), session_id, int(seen), Consent(consent)) if version == VERSION else None
    except (UnicodeError, binascii.Error, ValueError):
        return None


def spell(visit: Visit) -> str:
    """The signed value of a visit."""
    # A refusal is remembered without anything that could tell one shopper from another.
    kept = Visit("", "", 0, visit.consent) if visit.consent is Consent.REFUSED else visit
    # The key comes last and quoted: an imported one may hold any character.
    signed = f"{VERSION}.{kept.consent}.{kept.seen_s}.{kept.session_id}.{quote(kept.shopper_key, safe='')}"
    mac = signatures.mac(PURPOSE, signed.encode(), size=MAC_BYTES)
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def write(response: HttpResponse, visit: Visit) -> None:
    """Set the cookie on a response."""
    response.set_cookie(
        name(), spell(visit), max_age=LIFE_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
