"""What a shopper may have meant: the catalogue's own words, nearest to those that were typed and matched nothing."""

import re
from difflib import get_close_matches

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from catalog.models import Product
from catalog.search import clean_words, find_products

WORD = re.compile(r"[^\W_]+")
COLUMNS = ("name", "keywords")
MOST_WORDS = 6
SHORTEST_WORD = 3
# How alike a word must be to the best part of a name to be looked at, by trigrams; and then letter by letter.
LIKENESS_BY_TRIGRAMS = 0.35
LIKENESS_BY_LETTERS = 0.7
MOST_CANDIDATES = 40


def correct_words(words: str) -> str:
    """The words with each unknown one replaced by the nearest that the catalogue has.

    Args:
        words: free text that found nothing.

    Returns:
        Words that find something; empty where none are near enough, or none differ.
    """
    typed = WORD.findall(clean_words(words).lower())[:MOST_WORDS]
    if not any(len(word) >= SHORTEST_WORD for word in typed):
        return ""
    known = _words_like([word for word in typed if len(word) >= SHORTEST_WORD])
    meant = " ".join([*(_nearest(word, known) for word in typed[:-1]), _finished(typed[-1], known)])
    return meant if meant != " ".join(typed) and find_products(meant).exists() else ""


def _nearest(word: str, known: frozenset[str]) -> str:
    if len(word) < SHORTEST_WORD or word in known:
        return word
    # Sorted, so that of two equally near words the same one is taken everywhere.
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=LIKENESS_BY_LETTERS)), word)


def _finished(last: str, known: frozenset[str]) -> str:
    """The last word may be a beginning, as in every search."""
    return last if any(one.startswith(last) for one in known) else _nearest(last, known)


def _words_like(typed: list[str]) -> frozenset[str]:
    """The words of products that have something like one of those that were typed."""
    alike = Q()
    for word in typed:
        for column in COLUMNS:
            alike |= Q(**{f"{column}__trigram_word_similar": word})
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The index answers by this threshold; it holds for this transaction alone.
            cursor.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS_BY_TRIGRAMS)]
            )
        likeness = Greatest(*(TrigramWordSimilarity(word, column) for word in typed for column in COLUMNS))
        near = Product.objects.listed().filter(alike).annotate(likeness=likeness).order_by("-likeness", "sku")
        found = list(near.values_list(*COLUMNS)[:MOST_CANDIDATES])
    return frozenset(word for texts in found for text in texts for word in WORD.findall(text.lower()))
