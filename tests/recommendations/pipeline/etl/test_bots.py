"""Bots are told from people by how they browse."""

import numpy as np
import pytest

from recommendations.pipeline.etl.bots import why_bot
from storefront.simulation.deeds import VIEW
from tests.storefront.simulation.streams import small

START = 1_790_000_000.0


def by_clock(every_s: float, n: int, jitter: float = 0.0) -> list[float]:
    gaps = every_s * (1 + jitter * np.random.default_rng(1).standard_normal(n))
    return [float(at) for at in START + np.cumsum(gaps)]


def person(seed: int, n: int) -> list[float]:
    """Lognormal dwelling within visits, days between them."""
    generator = np.random.default_rng(seed)
    gaps = generator.lognormal(3.0, 1.0, n)
    gaps[generator.random(n) < 0.1] += 86_400
    return [float(at) for at in START + np.cumsum(gaps)]


@pytest.mark.parametrize(
    ("views", "habit"),
    [
        (by_clock(0.5, 40), "rate"),
        (by_clock(3.0, 60, jitter=0.015), "regularity"),
        (by_clock(300.0, 60, jitter=0.015), "regularity"),
        (np.linspace(START, START + 80_000, 1_500).tolist(), "volume"),
    ],
)
def test_why_bot_names_the_habit(views: list[float], habit: str) -> None:
    assert why_bot(views) == habit


@pytest.mark.parametrize(
    "views",
    [
        [],
        [START],
        [START] * 29,
        by_clock(0.5, 29),
        by_clock(3.0, 40),
        by_clock(86_400.0, 300),
    ],
)
def test_why_bot_lets_go_whom_it_knows_too_little_of(views: list[float]) -> None:
    assert why_bot(views) == ""


def test_why_bot_lets_people_go() -> None:
    suspects = [seed for seed in range(300) if why_bot(person(seed, 300))]

    assert len(suspects) <= 3


def test_why_bot_finds_nine_simulated_bots_of_ten_and_accuses_one_person_in_a_hundred_finds_at_most() -> None:
    stream = small()
    views = stream.code == VIEW

    found = {
        shopper
        for shopper in np.unique(stream.shopper).tolist()
        if why_bot((stream.at_ms[views & (stream.shopper == shopper)] / 1000).tolist())
    }

    bots = set(np.unique(stream.shopper[stream.is_bot]).tolist())
    assert len(found & bots) / len(bots) >= 0.9
    assert len(found & bots) / len(found) >= 0.99
