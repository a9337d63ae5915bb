"""A lent model: asked by the past and the attributes that lie beside it."""

import numpy as np

from recommendations.adapters.embedded.lending import EmbeddedRanker
from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.answers.scoring import Everywhere, Scoring
from recommendations.engine.artifacts import Artifact
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.popularity import Popularity

LOG = Interactions.from_columns(["al", "bea"], ["oslo", "rome"], [1, 2], ["view", "view"])


class OfCity(Popularity):
    """Offers each shopper the item that is called as the city they live in, and what they had."""

    def scoring(self, encoded: Encoded) -> Scoring:
        city = encoded.traits.categorical["CITY"] if encoded.traits is not None else ()
        scores = np.array([2.0 * (item in city) for item in self.item_ids_], np.float32)
        scores[encoded.items] += 1.0
        return Everywhere(scores)


def test_ranker_asks_with_what_is_known_of_each_user() -> None:
    users = Metadata.build(["al", "cy"], categorical={"CITY": [("rome",), ("oslo",)]})
    artifact = Artifact(OfCity().fit(LOG), UserHistories.from_interactions(LOG), {}, users=users)

    lists = EmbeddedRanker(artifact).rank(["al", "bea", "cy", "a stranger"], 2)

    assert lists == [["rome", "oslo"], ["rome"], ["oslo"], []]


def test_ranker_without_histories_and_attributes_asks_with_nothing() -> None:
    lists = EmbeddedRanker(Artifact(OfCity().fit(LOG), None, {})).rank(["al"], 2)

    assert lists == [[]]
