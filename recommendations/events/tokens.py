"""The recommendation token: 32 characters that say which list a card came from, worth something to one shopper only."""

import base64
import binascii
from datetime import timedelta
from uuid import UUID

from recommendations import conf
from recommendations.events import ids, signatures

LENGTH = 32
LIFE = timedelta(hours=48)
MAC_BYTES = 8
PURPOSE = "list-token"


def issue(recommendation_id: UUID, shopper_key: str) -> str:
    """The token of a list for the shopper it was made for: the id's 16 bytes and 8 bytes of MAC, base64url.

    Args:
        recommendation_id: the UUIDv7 of the served list; its time starts the token's 48 hours.
        shopper_key: whose list it is.

    Returns:
        32 characters, safe in a URL.
    """
    mac = signatures.mac(PURPOSE, recommendation_id.bytes + shopper_key.encode(), size=MAC_BYTES)
    return base64.urlsafe_b64encode(recommendation_id.bytes + mac).decode()


def read(token: str, shopper_key: str) -> UUID | None:
    """The list of a token, or None where it is forged, older than 48 hours, or another shopper's."""
    if len(token) != LENGTH:
        return None
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    if len(raw) != 16 + MAC_BYTES:
        return None
    if not signatures.is_valid(PURPOSE, raw[:16] + shopper_key.encode(), raw[16:]):
        return None
    recommendation_id = UUID(bytes=raw[:16])
    return recommendation_id if conf.now() - ids.time_of(recommendation_id) <= LIFE else None
