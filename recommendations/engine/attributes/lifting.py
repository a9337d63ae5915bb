"""How far new items are lifted by the popularity that their attributes foretell: tried on items held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.ranking import top_k
from recommendations.engine.evaluation import metrics
from recommendations.engine.interactions import Interactions

EXPONENTS = (0.0, 0.15, 0.3, 0.5)
# A smaller gain is noise and stays with the smaller exponent.
LEAST_GAIN = 0.01
HELD_SHARE = 0.1
# Fewer tell chance from quality too badly to choose by.
FEWEST_HELD, FEWEST_QUESTIONS = 20, 100
MOST_QUESTIONS = 2_000
K = 10

Floats = NDArray[np.float32]


def draw_held(interactions: Interactions, seed: int) -> NDArray[np.intp]:
    """Return a tenth of the items that have events, ascending; none where these are too few."""
    touched = np.flatnonzero(np.bincount(interactions.items, minlength=interactions.n_items))
    n_held = int(HELD_SHARE * len(touched))
    if n_held < FEWEST_HELD:
        return np.empty(0, np.intp)
    return np.sort(np.random.default_rng(seed).choice(touched, n_held, replace=False))


def choose_exponent(
    interactions: Interactions,
    held: NDArray[np.intp],
    lefts: Floats,
    rights: Floats,
    logs: Floats,
    decays: NDArray[np.float64],
    seed: int,
) -> float:
    """Return the exponent of foretold popularity by which events on held-out items are foretold best among these.

    Args:
        interactions: all events.
        held: items that others' vectors and popularity foretell, ascending.
        lefts: of all items, shape (n_items, width).
        rights: of the held ones, shape (n_held, width).
        logs: logarithms of their foretold popularity, shape (n_held,).
        decays: the weights of a history's newest events, oldest first.
        seed: which events are asked for.

    Returns:
        One of EXPONENTS; 0 where there are too few events to choose by.
    """
    asked = _draw_questions(interactions, held, len(decays), seed)
    if len(asked) < FEWEST_QUESTIONS:
        return 0.0
    answers = np.searchsorted(held, [interactions.items[row] for row, _ in asked])
    products = np.stack(
        [rights @ (decays[-len(history) :] @ lefts[history]).astype(np.float32) for _, history in asked]
    )
    np.maximum(products, np.float32(0.0), out=products)
    best, reached = 0.0, _quality(products, answers)
    for exponent in EXPONENTS[1:]:
        quality = _quality(products * np.exp(np.float32(exponent) * logs), answers)
        if quality > reached * (1 + LEAST_GAIN):
            best, reached = exponent, quality
    return best


def _draw_questions(
    interactions: Interactions, held: NDArray[np.intp], most_history: int, seed: int
) -> list[tuple[int, NDArray[np.int32]]]:
    """Return rows of events on held-out items, and what each one's user did on others before it."""
    of_held = np.zeros(interactions.n_items, np.bool_)
    of_held[held] = True
    rows = np.flatnonzero(of_held[interactions.items])
    if len(rows) > MOST_QUESTIONS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_QUESTIONS, replace=False))
    asked = []
    for row in rows.tolist():
        start = max(int(interactions.starts[interactions.users[row]]), row - 2 * most_history)
        before = interactions.items[start:row]
        before = before[~of_held[before]][-most_history:]
        if len(before):
            asked.append((row, before))
    return asked


def _quality(scores: Floats, answers: NDArray[np.intp]) -> float:
    hits = np.zeros((len(answers), K), np.bool_)
    for row, (each, answer) in enumerate(zip(scores, answers.tolist(), strict=True)):
        best = top_k(each, K)
        hits[row, : len(best)] = best == answer
    return float(metrics.ndcg(hits, np.ones(len(answers), np.int64), K).mean())
