"""Names for people: what a stock list shouts, as a shop would write it; and addresses from any id."""

import hashlib
import re

SMALL_WORDS = frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "w"})
KEPT_WORDS = frozenset({"BBQ", "CD", "DIY", "DVD", "IPOD", "LED", "TV", "UK", "USA", "USB", "XL", "XXL"})
MOSTLY = 0.8
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+[^\W_]*")
SPACES = re.compile(r"\s+")
SLUG = re.compile(r"[-a-zA-Z0-9_]+")


def tidy_name(name: str) -> str:
    """Collapse spaces; write a name in capitals in title case: `SET OF 3 T-LIGHTS` -> `Set of 3 T-Lights`."""
    spaced = SPACES.sub(" ", name).strip(" *,.") or name
    letters = [character for character in spaced if character.isalpha()]
    if sum(character.isupper() for character in letters) < MOSTLY * len(letters) or not letters:
        return spaced
    return WORD.sub(lambda match: _word(match, is_first=match.start() == 0), spaced)


def _word(match: re.Match[str], *, is_first: bool) -> str:
    word = match.group()
    if word in KEPT_WORDS:
        return word
    if word[0].isdigit() or (word.lower() in SMALL_WORDS and not is_first):
        return word.lower()
    return word.capitalize()


def plain_name(name: str) -> str:
    """What two spellings of one name share: case and spaces apart."""
    return SPACES.sub(" ", name).strip().casefold()


def slug_of(text: str, longest: int = 80) -> str:
    """A web address's part from any id, a different one for every id; the id itself where it can stand there."""
    return text if len(text) <= longest and SLUG.fullmatch(text) else marked_slug(text, longest)


def marked_slug(text: str, longest: int = 80) -> str:
    """A readable part and eight digits of a hash, so that no two texts share it."""
    mark = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:8]
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[: longest - len(mark) - 1].strip("-")
    return f"{readable}-{mark}" if readable else mark
