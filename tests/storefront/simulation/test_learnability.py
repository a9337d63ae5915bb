from functools import cache

import numpy as np

from recommendations.engine.evaluation.asking import NDCG_AT_25, evaluate
from recommendations.engine.evaluation.splits import hold_out_users
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.recipes import build_recommender
from storefront.simulation.clickstream import simulate
from storefront.simulation.deeds import EVENT_TYPES
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf


@cache
def interactions() -> Interactions:
    stream, shelf = simulate(Parameters(500), demo_shelf(), ends_s=ENDS_S), demo_shelf()
    people = ~stream.is_bot
    return Interactions.from_columns(
        [stream.key_of(shopper) for shopper in stream.shopper[people].tolist()],
        [shelf.skus[item] for item in stream.item[people].tolist()],
        (stream.at_ms[people] // 1000).tolist(),
        [EVENT_TYPES[code] for code in stream.code[people].tolist()],
    )


def test_default_recipe_beats_popularity_twofold_on_simulated_shoppers() -> None:
    split = hold_out_users(interactions())

    personal, popular = (
        evaluate(build_recommender(name).fit(split.train), split).metric(NDCG_AT_25).value
        for name in ("aws-user-personalization", "aws-popularity-count")
    )

    assert personal >= 2 * popular


def test_a_newcomer_who_views_five_of_a_theme_is_shown_six_of_it() -> None:
    shelf = demo_shelf()
    model = build_recommender().fit(interactions())
    theme_of = dict(zip(shelf.skus, shelf.theme.tolist(), strict=True))
    rng = np.random.default_rng(0)
    shown = []

    for theme in range(shelf.n_themes):
        items = shelf.theme_items[theme]
        viewed = rng.choice(items[items >= 0], 5, replace=False).tolist()
        history = [Event(shelf.skus[item], int(ENDS_S) + 10 * n, "product_view") for n, item in enumerate(viewed)]
        recommended = model.recommend([history], 12)[0][0]
        shown.append(sum(theme_of[sku] == theme for sku in recommended))

    assert np.mean(np.array(shown) >= 6) >= 0.95
