"""Serving's arithmetic beside a plain one, event by event and head by head."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.attention import Body, Reader, begin

BODY = Body(width=8, n_blocks=2, n_heads=2, reach=6)
Rows = NDArray[np.float64]


def make_weights(seed: int = 3) -> dict[str, NDArray[np.floating]]:
    """Weights of which none is zero, so that every one of them matters."""
    chance = np.random.default_rng(seed)
    vectors = chance.standard_normal((5, BODY.width)).astype(np.float32)
    weights = begin(BODY, vectors, vectors, n_types=2, chance=chance)
    return {
        name: (array + 0.3 * chance.standard_normal(array.shape)).astype(np.float32) for name, array in weights.items()
    }


def normalise(row: Rows, scale: Rows, shift: Rows) -> Rows:
    normal: Rows = (row - row.mean()) / math.sqrt(row.var() + 1e-5) * scale + shift
    return normal


def plainly(weights: dict[str, Rows], events: Rows) -> Rows:
    """All states of all events through both blocks, one number after the other."""
    width, head = BODY.width, BODY.width // BODY.n_heads
    states = [row.copy() for row in events]
    for number in range(BODY.n_blocks):
        block = {name.partition("_")[2]: array for name, array in weights.items() if name.startswith(f"block{number}_")}
        normal = [normalise(row, block["attend_scale"], block["attend_shift"]) for row in states]
        parts = [row @ block["attend"] + block["attend_bias"] for row in normal]
        after = []
        for place, row in enumerate(states):
            heard = np.zeros(width)
            for which in range(BODY.n_heads):
                mine = slice(which * head, (which + 1) * head)
                asking = parts[place][:width][mine]
                likeness = [
                    math.exp(
                        asking @ parts[other][width : 2 * width][mine] / math.sqrt(head)
                        + block["distances"][which, place - other]
                    )
                    for other in range(place + 1)
                ]
                for other, strength in enumerate(likeness):
                    heard[mine] += strength / sum(likeness) * parts[other][2 * width :][mine]
            middle = row + heard @ block["merge"] + block["merge_bias"]
            widened = normalise(middle, block["widen_scale"], block["widen_shift"]) @ block["widen"]
            widened = np.maximum(widened + block["widen_bias"], 0)
            after.append(middle + widened @ block["narrow"] + block["narrow_bias"])
        states = after
    state = normalise(states[-1], weights["last_scale"], weights["last_shift"])
    wanted: Rows = state @ weights["project"] + weights["project_bias"] + events[-1]
    return wanted


def test_reader_looks_for_what_attention_says() -> None:
    weights = make_weights()
    events = np.random.default_rng(1).standard_normal((BODY.reach, BODY.width))

    for length in range(1, BODY.reach + 1):
        wanted = Reader(weights, BODY).look_for(events[:length].astype(np.float32))

        exact = plainly({name: array.astype(np.float64) for name, array in weights.items()}, events[:length])
        assert np.abs(wanted - exact).max() < 1e-4


def test_reader_hears_the_order_of_what_came_before() -> None:
    weights = make_weights()
    events = np.random.default_rng(2).standard_normal((4, BODY.width)).astype(np.float32)

    told, turned = Reader(weights, BODY).look_for(events), Reader(weights, BODY).look_for(events[[1, 0, 2, 3]])

    assert np.abs(told - turned).max() > 1e-3


def test_a_fresh_body_leaves_the_vectors_what_they_foretell() -> None:
    chance = np.random.default_rng(4)
    vectors = chance.standard_normal((5, BODY.width)).astype(np.float32)
    weights = begin(BODY, vectors, vectors, n_types=1, chance=chance)

    wanted = Reader(weights, BODY).look_for(vectors[[2, 0, 4]])

    assert np.abs(wanted - vectors[4]).max() < 0.2
    assert set(weights) == set(BODY.names())
