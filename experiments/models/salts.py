"""Salts: random once, kept for ever."""

import secrets


def make_salt() -> str:
    """128 random bits as 32 hex digits."""
    return secrets.token_hex(16)
