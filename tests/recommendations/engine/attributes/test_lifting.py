from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.attributes.lifting import EXPONENTS, choose_exponent, draw_held
from recommendations.engine.interactions import Interactions

DECAYS = 0.6 ** np.arange(9, -1, -1.0)


def make_log(n_items: int = 300, n_users: int = 200) -> Interactions:
    """Shoppers who take popular items more often, whatever they took before."""
    rng = np.random.default_rng(0)
    chances = np.geomspace(1, 100, n_items)
    rows = [
        (f"u{user:03}", f"i{item:03}", time)
        for user in range(n_users)
        for time, item in enumerate(rng.choice(n_items, 20, p=chances / chances.sum()).tolist())
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def choose(log: Interactions, slope: float, noise: float = 0.2) -> float:
    """The exponent where vectors tell little, and the foretold logarithms rise with popularity by `slope`."""
    rng = np.random.default_rng(1)
    held = draw_held(log, seed=0)
    lefts = np.ones((log.n_items, 1), np.float32)
    rights = (1 + noise * rng.random((len(held), 1))).astype(np.float32)
    logs = (slope * np.log1p(np.bincount(log.items)[held])).astype(np.float32)
    return choose_exponent(log, held, lefts, rights, logs, DECAYS, seed=0)


def test_new_items_are_lifted_where_attributes_foretell_their_popularity() -> None:
    assert choose(make_log(), slope=1.0) in EXPONENTS[1:]


@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_new_items_are_not_lifted_where_attributes_foretell_nothing(slope: float) -> None:
    assert choose(make_log(), slope=slope) == 0.0


def test_new_items_are_not_lifted_where_there_is_too_little_to_try_it_on() -> None:
    assert len(draw_held(make_log(n_items=100), seed=0)) == 0
    assert choose(make_log(n_users=5), slope=1.0) == 0.0


def test_items_held_out_are_some_of_those_with_events() -> None:
    log = make_log()

    held = draw_held(log, seed=3)

    assert len(held) == log.n_items // 10
    assert (np.diff(held) > 0).all()
    assert draw_held(log, seed=3).tolist() == held.tolist()
    assert draw_held(log, seed=4).tolist() != held.tolist()
