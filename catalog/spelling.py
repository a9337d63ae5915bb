"""What a shopper may have meant: the catalogue's own words, nearest to those that were typed and matched nothing."""

import re
import time
from difflib import get_close_matches

from django.db import connection

from catalog.search import clean_words, find_products

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 6
SHORTEST_WORD = 3
# 1 is the same word; "estuery" is 0.86 to "estuary".
LIKENESS = 0.7
# The words change when products do; reading them takes a look at every product.
KEPT_S = 600.0
MOST_KNOWN = 20_000
# Of names and keywords, weights A and B, as they were written; the common ones first, should there be too many.
KNOWN_WORDS = """
SELECT word FROM ts_stat('SELECT search_document FROM catalog_product WHERE is_listed', 'ab')
ORDER BY ndoc DESC, word LIMIT %s
"""

_known: tuple[frozenset[str], float] = (frozenset(), -KEPT_S)


def correct_words(words: str) -> str:
    """The words with each unknown one replaced by the nearest that the catalogue has; two queries at most.

    Args:
        words: free text that found nothing.

    Returns:
        Words that find something; empty where none are near enough, or none differ.
    """
    typed = WORD.findall(clean_words(words).lower())[:MOST_WORDS]
    if not any(len(word) >= SHORTEST_WORD for word in typed):
        return ""
    known = _known_words()
    meant = " ".join([*(_nearest(word, known) for word in typed[:-1]), _finished(typed[-1], known)])
    return meant if meant != " ".join(typed) and find_products(meant).exists() else ""


def forget_words() -> None:
    """Drop the kept words; for tests."""
    global _known
    _known = (frozenset(), -KEPT_S)


def _nearest(word: str, known: frozenset[str]) -> str:
    if len(word) < SHORTEST_WORD or word in known:
        return word
    # Sorted, so that of two equally near words the same one is taken everywhere; no two that differ much in length
    # are alike enough.
    near = sorted(one for one in known if abs(len(one) - len(word)) <= 3)
    return next(iter(get_close_matches(word, near, n=1, cutoff=LIKENESS)), word)


def _finished(last: str, known: frozenset[str]) -> str:
    """The last word may be a beginning, as in every search."""
    return last if any(one.startswith(last) for one in known) else _nearest(last, known)


def _known_words() -> frozenset[str]:
    global _known
    held, read_at = _known
    if held and time.monotonic() - read_at < KEPT_S:
        return held
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_WORDS, [MOST_KNOWN])
        fresh = frozenset(word for (word,) in cursor.fetchall())
    _known = (fresh, time.monotonic())
    return fresh
