import random

import pytest

from storefront.simulation.driving.mind import CARDS_IN_VIEW, Mind, Wish
from storefront.simulation.driving.pages import Card, Row

SKUS = [f"SKU-{number}" for number in range(12)]
ROWS = [Row(key, "", tuple(Card(sku, "", rank) for rank, sku in enumerate(SKUS, start=1))) for key in ("a", "b", "c")]


def clicks(mind: Mind, times: int = 400) -> list[Card]:
    chosen = [mind.choose(mind.look_over(ROWS[:1])) for _ in range(times)]
    return [one.card for one in chosen if one]


def test_a_shopper_sees_the_beginning_of_rows_from_the_top_down() -> None:
    mind = Mind({}, frozenset(), random.Random(1))

    for _ in range(50):
        seen = mind.look_over(ROWS)

        keys = list(dict.fromkeys(one.row.key for one in seen))
        assert keys == ["a", "b", "c"][: len(keys)]
        for key in keys:
            ranks = [one.card.rank for one in seen if one.row.key == key]
            assert ranks == list(range(1, len(ranks) + 1))
            assert len(ranks) >= CARDS_IN_VIEW


def test_a_shopper_clicks_what_it_likes_rather_than_what_comes_first() -> None:
    mind = Mind({SKUS[3]: 2.5}, frozenset(), random.Random(1))

    chosen = clicks(mind)

    assert sum(card.item_id == SKUS[3] for card in chosen) > len(chosen) / 2


def test_a_row_that_suits_is_clicked_more_often() -> None:
    indifferent = Mind({}, frozenset(), random.Random(1))
    pleased = Mind(dict.fromkeys(SKUS, 1.5), frozenset(), random.Random(1))

    assert len(clicks(pleased)) > 2 * len(clicks(indifferent))


def test_a_factor_holds_clicks_of_its_row_back_and_no_others() -> None:
    def share_of(row: str, factors: dict[str, float]) -> float:
        mind = Mind(dict.fromkeys(SKUS, 1.0), frozenset(), random.Random(1))
        chosen = [mind.choose(mind.look_over(ROWS), factors) for _ in range(8_000)]
        return sum(one is not None and one.row.key == row for one in chosen) / len(chosen)

    plain_a, plain_b = share_of("a", {}), share_of("b", {})
    held_a, held_b = share_of("a", {"a": 0.5}), share_of("b", {"a": 0.5})

    assert held_a / plain_a == pytest.approx(0.5, abs=0.04)
    assert held_b / plain_b == pytest.approx(1.0, abs=0.06)


def test_a_visit_prefers_its_theme() -> None:
    mind = Mind({}, frozenset({SKUS[2]}), random.Random(1))

    chosen = [card.item_id for card in clicks(mind)]

    assert chosen.count(SKUS[2]) > 1.5 * chosen.count(SKUS[1])


@pytest.mark.parametrize("can_buy", [True, False])
def test_a_product_is_bought_only_where_it_can_be_and_watched_once(can_buy: bool) -> None:
    mind = Mind({"A": 2.0}, frozenset(), random.Random(1))

    wishes = [mind.wish_after_product("A", can_buy=can_buy, is_watched=True) for _ in range(500)]

    assert (Wish.BUY in wishes) is can_buy
    assert Wish.WATCH not in wishes
    assert Wish.HOME in wishes
