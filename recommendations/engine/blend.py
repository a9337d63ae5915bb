"""Several models as one: a weighted sum, the weights chosen on a cut of the training data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.encoding import Encoded
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.splits import hold_out_users
from recommendations.engine.training import TrainingRun
from recommendations.engine.weighing import LEAST_SHARE, choose_weights, collect_candidates

# Fewer questions than this tell chance from quality too badly to choose anything by.
FEWEST_VALIDATION_CASES = 30
VALIDATION_SHARE = 0.2


class Blend(Recommender):
    """A weighted sum of other models' scores, each part first divided by its greatest score in the request.

    Unless `weights` is given, `fit` trains the parts on 80% of the users, chooses the weights by NDCG@25 on the newest
    tenth of the others' events, and trains the parts again on everything. The parts see the events that the blend's
    own `event_weights` select.

    Args:
        parts: an untrained model under each name; they are cloned and never changed.
        default_weights: each part's weight where none can be chosen: too little data, or too small a budget.
        weights: each part's weight, to choose none.
        validation_users: the most users that weights are chosen on.
        event_weights: weight of each event type; 1 for types not named, 0 to leave a type out.
        seed: which users weights are chosen on.
    """

    name: ClassVar[str] = "blend"
    learned: ClassVar[tuple[str, ...]] = ("weights_",)

    parts_: dict[str, Recommender]
    weights_: NDArray[np.float64]

    def __init__(
        self,
        parts: Mapping[str, Recommender],
        default_weights: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
        validation_users: int = 1_000,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.parts = parts
        self.default_weights = default_weights
        self.weights = weights
        self.validation_users = validation_users
        self.event_weights = event_weights
        self.seed = seed

    @property
    def recommends_for_cold(self) -> bool:  # type: ignore[override]  # a blend is as honest as its parts
        """Whether a part answers an empty history."""
        return any(part.recommends_for_cold for part in self.parts.values())

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the weighted sum of the parts' scores for every item, shape (n_items,), at most the weights' sum."""
        offered = np.zeros(len(self.item_ids_), np.float32)
        against: NDArray[np.float32] | None = None
        for part, weight in zip(self.parts_.values(), self.weights_.tolist(), strict=True):
            scores = part.score_history(encoded) if weight else offered
            greatest = float(scores.max(initial=0.0))
            if not weight or greatest <= 0:
                continue
            scaled = scores * np.float32(weight / greatest)
            if weight > 0:
                offered += scaled
            else:
                against = scaled if against is None else against + scaled
        return offered if against is None else np.maximum(offered + against, offered * LEAST_SHARE)

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the weighted sum for items of which only the order is known, shape (n_items,)."""
        return self.score_history(Encoded.of_order(items))

    def chosen_weights(self) -> dict[str, float]:
        """Return each part's weight.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return dict(zip(self.parts_, self.weights_.tolist(), strict=True))

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        if not self.parts:
            raise InvalidHyperparameter("parts is empty; give at least one model.")
        require_range("validation_users", self.validation_users, 1, 100_000)
        for name, table in (("weights", self.weights), ("default_weights", self.default_weights)):
            for key, weight in (table or {}).items():
                if key not in self.parts:
                    raise InvalidHyperparameter(
                        f"{name}[{key!r}] names no part; the parts are {', '.join(self.parts)}."
                    )
                lowest = -1_000 if self.parts[key].may_count_against else 0
                require_range(f"{name}[{key!r}]", weight, lowest, 1_000)
        for part in self.parts.values():
            part.check()

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        chosen = self.weights
        first_share = 0.0
        if chosen is None:
            first_share = 0.5
            chosen = self._choose(interactions, weights, run.part(0.0, first_share))
        self.weights_ = np.array([chosen.get(name, 0.0) for name in self.parts], np.float64)
        self.parts_ = self._fit_parts(interactions, weights, run.part(first_share, 1.0))

    def _fit_parts(
        self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun
    ) -> dict[str, Recommender]:
        fitted = {}
        for number, (name, part) in enumerate(self.parts.items()):
            clone = part.clone()
            clone.fit_selected(
                interactions, weights, run.part(number / len(self.parts), (number + 1) / len(self.parts))
            )
            fitted[name] = clone
        return fitted

    def _choose(
        self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun
    ) -> Mapping[str, float]:
        """Return the weights that rank held-out users' newest events best, or the default ones."""
        default = self.default_weights or dict.fromkeys(self.parts, 1.0)
        try:
            split = hold_out_users(interactions, VALIDATION_SHARE, self.seed, self.validation_users)
        except NotEnoughData:
            return default
        if len(split.cases) < FEWEST_VALIDATION_CASES:
            return default
        held_out = np.isin(interactions.users, interactions.indices_of_users(case.user_id for case in split.cases))
        parts = self._fit_parts(split.train, weights[~held_out], run.part(0.0, 0.7))
        # Training again on everything costs about what training on the cut has cost.
        if not run.affords(1.2 * run.spent_s):
            return default
        candidates = collect_candidates(parts, split, run.part(0.7, 0.95))
        run.report(0.95, "blend: choosing weights")
        return choose_weights(candidates, default)
