"""PURE: what kind of device asks, coarsely, from what its browser says of itself."""

import re
from collections.abc import Mapping

PHONE, DESKTOP = "phone", "desktop"
DEVICES = (PHONE, DESKTOP)
# Browsers of phones say so; a tablet's window is a desktop's.
MOBILE = re.compile(r"\bMobi|iPhone|iPod|Windows Phone|Opera Mini")


def find_device(headers: Mapping[str, str]) -> str:
    """Phone or desktop.

    Args:
        headers: as WSGI names them; the client hint `Sec-CH-UA-Mobile` goes before the user agent's words.
    """
    hint = headers.get("HTTP_SEC_CH_UA_MOBILE", "")
    if hint in ("?0", "?1"):
        return PHONE if hint == "?1" else DESKTOP
    return PHONE if MOBILE.search(headers.get("HTTP_USER_AGENT", "")[:512]) else DESKTOP
