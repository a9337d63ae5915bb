import numpy as np
import pytest

from recommendations.pipeline.etl.bots import why_bot
from storefront.simulation.bots import BotKind
from storefront.simulation.clickstream import simulate
from storefront.simulation.deeds import VIEW
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf
from tests.storefront.simulation.streams import small


def test_bots_are_few_shoppers_with_many_events() -> None:
    stream = small()

    n_bots = len(np.unique(stream.shopper[stream.is_bot]))

    assert 0.01 <= n_bots / (stream.n_people + n_bots) <= 0.02
    assert stream.is_bot.mean() > 4 * n_bots / stream.n_people
    assert set(stream.bot_kinds) == set(BotKind)


def test_bots_have_keys_of_their_own() -> None:
    stream = small()

    keys = {stream.key_of(shopper) for shopper in np.unique(stream.shopper).tolist()}

    assert {key for key in keys if key.startswith("bot-")} == {f"bot-{n:05d}" for n in range(1, 9)}
    assert {stream.key_of(shopper)[:4] for shopper in np.unique(stream.shopper[~stream.is_bot]).tolist()} == {"sim-"}


def test_bots_look_by_the_clock_and_do_nothing_else() -> None:
    stream = small()
    for shopper in np.unique(stream.shopper[stream.is_bot]).tolist():
        rows = np.flatnonzero(stream.shopper == shopper)

        gaps = np.diff(stream.at_ms[rows])[np.diff(stream.session[rows]) == 0]

        assert (stream.code[rows] == VIEW).all()
        assert gaps.std() / gaps.mean() < 0.05


def test_crawlers_see_the_shelf_and_pollers_a_few_of_it() -> None:
    stream, shelf = small(), demo_shelf()

    n_items = [
        len(np.unique(stream.item[stream.shopper == stream.n_people + number]))
        for number in range(len(stream.bot_kinds))
    ]

    for kind, n in zip(stream.bot_kinds, n_items, strict=True):
        assert n > 0.5 * shelf.n_items if kind is BotKind.CRAWLER else n < 30


def test_runs_of_one_bot_do_not_overlap() -> None:
    stream = small()
    for shopper in np.unique(stream.shopper[stream.is_bot]).tolist():
        rows = np.flatnonzero(stream.shopper == shopper)

        changes = np.count_nonzero(np.diff(stream.session[rows]))

        assert changes == len(np.unique(stream.session[rows])) - 1


@pytest.mark.parametrize(("n_shoppers", "seed"), [(5_000, 1), (2_000, 2)])
def test_the_exports_filter_finds_bots_by_what_they_do(n_shoppers: int, seed: int) -> None:
    stream = simulate(Parameters(n_shoppers, seed=seed), demo_shelf(), ends_s=ENDS_S)
    views = np.flatnonzero(stream.code == VIEW)
    views = views[np.argsort(stream.shopper[views], kind="stable")]
    shoppers, firsts = np.unique(stream.shopper[views], return_index=True)
    at_s = np.split(stream.at_ms[views] / 1000, firsts[1:])

    found = {shopper for shopper, own in zip(shoppers.tolist(), at_s, strict=True) if why_bot(own.tolist())}

    bots = set(range(n_shoppers, n_shoppers + len(stream.bot_kinds)))
    assert len(found & bots) >= 0.9 * len(bots), "recall"
    assert len(found & bots) >= 0.99 * len(found), "precision"
