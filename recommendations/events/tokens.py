"""Tokens of 32 characters: which list the beacon speaks of, and proof that a click's item stood in one."""

import base64
import binascii
from datetime import timedelta
from uuid import UUID

from recommendations import conf
from recommendations.events import ids, signatures

LENGTH = 32
LIFE = timedelta(hours=48)
MAC_BYTES = 8
LIST = "list-token"


def issue(recommendation_id: UUID, shopper_key: str) -> str:
    """The token of a list, for impressions: the id's 16 bytes and 8 bytes of MAC, base64url.

    Args:
        recommendation_id: the UUIDv7 of the served list; its time starts the token's 48 hours.
        shopper_key: whose list it is.

    Returns:
        32 characters, safe in a URL.
    """
    return _issue(LIST, recommendation_id, shopper_key)


def issue_click(event_type: str, recommendation_id: UUID, shopper_key: str, item_id: str) -> str:
    """The token of one item of a list, for its link: worth something for this click on this item alone.

    Args:
        event_type: `row_click` or `search_click`; a token of one kind is none of the other, nor of the beacon.
        recommendation_id: the UUIDv7 of the served list; its time starts the token's 48 hours.
        shopper_key: whose list it is.
        item_id: an item that the list holds. Whoever issues this vouches for that, so nobody looks it up later.

    Returns:
        32 characters, safe in a URL.
    """
    return _issue(event_type, recommendation_id, shopper_key, item_id)


def read(token: str, shopper_key: str) -> UUID | None:
    """The list of a beacon's token, or None where it is forged, older than 48 hours, or another shopper's."""
    return _read(LIST, token, shopper_key)


def read_click(event_type: str, token: str, shopper_key: str, item_id: str) -> UUID | None:
    """The list that held the item, or None where the token is of another kind, item or shopper, forged or too old."""
    return _read(event_type, token, shopper_key, item_id)


def _issue(purpose: str, recommendation_id: UUID, shopper_key: str, item_id: str = "") -> str:
    message = _message(recommendation_id.bytes, shopper_key, item_id)
    mac = signatures.mac(purpose, message, size=MAC_BYTES)
    return base64.urlsafe_b64encode(recommendation_id.bytes + mac).decode()


def _read(purpose: str, token: str, shopper_key: str, item_id: str = "") -> UUID | None:
    if len(token) != LENGTH:
        return None
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    if len(raw) != 16 + MAC_BYTES:
        return None
    if not signatures.is_valid(purpose, _message(raw[:16], shopper_key, item_id), raw[16:]):
        return None
    recommendation_id = UUID(bytes=raw[:16])
    return recommendation_id if conf.now() - ids.time_of(recommendation_id) <= LIFE else None


def _message(list_id: bytes, shopper_key: str, item_id: str) -> bytes:
    # Keys have any length: without the mark, one key's end could pass for an item's beginning.
    return b"%b%b\0%b" % (list_id, shopper_key.encode(), item_id.encode())
