"""PURE text that a database takes."""


def is_text(value: str) -> bool:
    """Return whether a string can be kept: JSON's escapes also make NUL, and halves of characters."""
    if value.isascii():
        return "\x00" not in value
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value
