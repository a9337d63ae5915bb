"""The oracle is what the simulation does: its chances add up, and come true as often as they say."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.clickstream import Looks, draw_looks
from storefront.simulation.truth import Truth
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf
from tests.storefront.simulation.streams import PARAMETERS, small

N_QUESTIONS = 1_500


@cache
def looks() -> Looks:
    return draw_looks(PARAMETERS, demo_shelf(), ends_s=ENDS_S)[0]


@cache
def questions() -> list[tuple[int, NDArray[np.intp], int]]:
    """Shopper, items seen before, and row of a look that no rush and no newcomer's blank page decided."""
    visits = looks().visits
    first = np.searchsorted(visits.shopper, np.arange(PARAMETERS.n_shoppers))
    able = np.flatnonzero((visits.aim < 0) & (np.arange(len(visits)) > first[visits.shopper]))
    chosen = np.random.default_rng(0).choice(able, N_QUESTIONS, replace=False)
    return [
        (shopper, looks().views.item[first[shopper] : row], row)
        for row in chosen.tolist()
        for shopper in [int(visits.shopper[row])]
    ]


@cache
def chances() -> NDArray[np.float64]:
    truth, visits = Truth(PARAMETERS, demo_shelf(), looks().tastes), looks().visits
    return np.stack(
        [
            truth.foretell(shopper, viewed, float(visits.at_s[row]), opens=bool(visits.opens[row]))
            for shopper, viewed, row in questions()
        ]
    )


def test_looks_are_those_of_the_clickstream() -> None:
    stream, visits, views = small(), looks().visits, looks().views
    is_view = ~stream.is_bot & (stream.code == 0)

    told = {
        (shopper, at_ms, item)
        for shopper, at_ms, item in zip(
            stream.shopper[is_view].tolist(), stream.at_ms[is_view].tolist(), stream.item[is_view].tolist(), strict=True
        )
    }

    at_ms = (visits.at_s * 1000).astype(np.int64)
    assert told == set(zip(visits.shopper.tolist(), at_ms.tolist(), views.item.tolist(), strict=True))


def test_truth_gives_chances_of_items_that_exist() -> None:
    shelf, visits = demo_shelf(), looks().visits

    np.testing.assert_allclose(chances().sum(axis=1), 1.0, atol=1e-6)
    assert (chances() >= 0).all()
    for found, (_, _, row) in zip(chances(), questions(), strict=True):
        assert (found[shelf.released_s > visits.at_s[row]] == 0).all()
        assert found[looks().views.item[row]] > 0


def test_truth_comes_true_as_often_as_it_says() -> None:
    came = np.array([looks().views.item[row] for _, _, row in questions()])
    found = chances()

    for low, high in ((0.002, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 1.0)):
        inside = (found >= low) & (found < high)
        expected = found[inside].sum()
        happened = inside[np.arange(len(came)), came].sum()
        spread = np.sqrt((found * (1 - found))[inside].sum())
        assert abs(happened - expected) < 4 * spread, (low, high)


def test_truth_beats_whoever_knows_less() -> None:
    truth, visits = Truth(PARAMETERS, demo_shelf(), looks().tastes), looks().visits
    came = np.array([looks().views.item[row] for _, _, row in questions()])
    session_first = np.maximum.accumulate(np.where(visits.opens, np.arange(len(visits)), 0))

    blind = np.array(
        [
            truth.foretell_without_clock(
                shopper, viewed, float(visits.at_s[row]), n_in_session=row - 1 - int(session_first[row - 1]) + 1
            )[item]
            for (shopper, viewed, row), item in zip(questions(), came.tolist(), strict=True)
        ]
    )
    strange = np.array(
        [
            truth.foretell(
                (shopper + 1) % PARAMETERS.n_shoppers, viewed, float(visits.at_s[row]), opens=bool(visits.opens[row])
            )[item]
            for (shopper, viewed, row), item in zip(questions(), came.tolist(), strict=True)
        ]
    )

    knowing = np.log(chances()[np.arange(len(came)), came])
    assert knowing.mean() > np.log(blind).mean() > np.log(strange).mean()
