"""Several models as one: a weighted sum, the weights chosen on a cut of the training data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.mixing import LEAST_SHARE, Mixture
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.choosing.eligibility import LONG_SHARE, find_eligible, keep_for_cold, keep_for_untouched
from recommendations.engine.choosing.lineage import Lineage
from recommendations.engine.choosing.tuning import SETTINGS, choose_settings
from recommendations.engine.choosing.validation import KINDS, Kind, Questions, draw_questions
from recommendations.engine.choosing.weighing import choose_weights, collect_candidates
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun

# Fewer questions than this tell chance from quality too badly to choose anything by.
FEWEST_QUESTIONS = 30
# Ranks that a question counts: one next event is looked for at the top of a list, many in the whole of it.
RANKS: Mapping[Kind, int] = {"next_event": 10, "newest_tenth": 25}


class Blend(Recommender):
    """A weighted sum of other models' scores, each part first divided by its greatest score in the request.

    Unless `weights` is given, `fit` trains the parts on at least 80% of the users, chooses how fast each part forgets
    and then the weights, by how well they foretell what the other users did next, and trains the parts again on
    everything. A part of weight 0 takes no part: it is neither trained again nor kept. The parts see the events that
    the blend's own `event_weights` select. A part that trains for minutes is trained once, without the answers alone,
    and only where a budget has room for it.

    Args:
        parts: an untrained model under each name; they are cloned and never changed.
        default_weights: each part's weight where none can be chosen: too little data, or too small a budget.
        weights: each part's weight, to choose none.
        substitutes: for a part, the name of the one whose place it takes where that one does not suit the data.
        questions: what the weights are chosen by: `next_event`, at 10, or `newest_tenth` of a user's events, at 25.
        repeats: whether items of the history are among the answers; if not, weights are chosen for lists without.
        validation_users: the most users that weights are chosen on.
        event_weights: weight of each event type; 1 for types not named, 0 to leave a type out.
        seed: which users weights are chosen on.
    """

    name: ClassVar[str] = "blend"
    learned: ClassVar[tuple[str, ...]] = ("weights_", "settings_", "asked_", "until_")

    parts_: dict[str, Recommender]
    weights_: NDArray[np.float64]
    settings_: NDArray[np.float64]
    asked_: NDArray[np.uint64]
    until_: NDArray[np.int64]
    left_out_: dict[str, str]

    def __init__(
        self,
        parts: Mapping[str, Recommender],
        default_weights: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
        substitutes: Mapping[str, str] | None = None,
        questions: Kind = "next_event",
        *,
        repeats: bool = True,
        validation_users: int = 1_000,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.parts = parts
        self.default_weights = default_weights
        self.weights = weights
        self.substitutes = substitutes
        self.questions = questions
        self.repeats = repeats
        self.validation_users = validation_users
        self.event_weights = event_weights
        self.seed = seed
        self.previous: Blend | None = None

    def warm_start_from(self, previous: Recommender | None) -> Self:
        """Let the parts that train for minutes go on from those of an earlier blend, where it has them.

        Weights are then chosen by users whose newest events the earlier blend has not learned from. Where these are
        too few, its parts are passed over: a part would be judged by what it knows by heart.

        Raises:
            NotFitted: the previous blend was not trained.
        """
        self.previous = previous if isinstance(previous, Blend) and previous.chosen_weights() else None
        return self

    def clone(self) -> Self:
        """Return an untrained blend with the same hyperparameters that goes on from the same blend."""
        return super().clone().warm_start_from(self.previous)

    @property
    def recommends_for_cold(self) -> bool:  # type: ignore[override]  # a blend is as honest as its parts
        """Whether a part answers an empty history."""
        return any(part.recommends_for_cold for part in self.parts.values())

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the weighted sum of the parts' scores for every item, shape (n_items,), at most the weights' sum."""
        return self.scoring(encoded).all()

    def scoring(self, encoded: Encoded) -> Mixture:
        """Return the weighted sum of the parts' scores."""
        parts = ((weight, self.parts_[name].scoring(encoded)) for name, weight in self.taking_part().items())
        return Mixture(parts, len(self.item_ids_))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the weighted sums at some items, every part on the scale that it has with everything."""
        offered, against = np.zeros((2, 1 + len(taken_out), len(items)), np.float32)
        for name, weight in self.taking_part().items():
            greatest = self.parts_[name].scoring(encoded).greatest()
            if greatest > 0:
                total = offered if weight > 0 else against
                total += self.parts_[name].score_without(encoded, taken_out, items) * np.float32(weight / greatest)
        held_back: NDArray[np.float32] = np.maximum(offered + against, offered * LEAST_SHARE)
        return held_back

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the weighted sum for items of which only the order is known, shape (n_items,)."""
        return self.score_history(Encoded.of_order(items))

    def chosen_weights(self) -> dict[str, float]:
        """Return each part's weight; 0 for one that takes no part.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return dict(zip(self.parts, self.weights_.tolist(), strict=True))

    def taking_part(self) -> dict[str, float]:
        """Return the weight of each part that has one."""
        weights = zip(self.parts, self.weights_.tolist(), strict=True)
        return {name: weight for name, weight in weights if weight}

    def why_left_out(self) -> dict[str, str]:
        """Return why each part of weight 0 took no part in the last training; empty for a model that was loaded."""
        return dict(getattr(self, "left_out_", {}))

    def clone_part(self, name: str) -> Recommender:
        """Return an untrained part with the settings that were chosen for it."""
        clone = self.parts[name].clone()
        for setting, value in zip(SETTINGS, self.settings_[list(self.parts).index(name)].tolist(), strict=True):
            if not np.isnan(value):
                setattr(clone, setting, value)
        return clone

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
        if self.questions not in KINDS:
            raise InvalidHyperparameter(f"questions is {self.questions!r}; give one of {', '.join(KINDS)}.")
        for name in {*(self.substitutes or {}), *(self.substitutes or {}).values()} - set(self.parts):
            raise InvalidHyperparameter(f"substitutes names {name!r}, which is no part.")
        for part in self.parts.values():
            part.check()

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        self.goes_on_ = self._may_go_on()
        self._keep_lineage(Lineage.of(interactions))
        eligible = find_eligible(
            self.parts, self.substitutes or {}, interactions, run, ignores_budget=self.weights is not None
        )
        able, self.left_out_ = eligible.able, dict(eligible.left_out)
        self.settings_ = np.full((len(self.parts), len(SETTINGS)), np.nan)
        chosen = self.weights
        first_share, trained = 0.0, dict[str, Recommender]()
        if chosen is None:
            first_share = LONG_SHARE[1] if any(part.trains_long for part in able.values()) else 0.5
            chosen, trained = self._choose(able, interactions, weights, run.part(0.0, first_share))
            chosen = keep_for_untouched(chosen, able)
        taken = {name: weight for name, weight in chosen.items() if weight and name in able} or dict.fromkeys(able, 1.0)
        self.weights_ = np.array([taken.get(name, 0.0) for name in self.parts], np.float64)
        self.left_out_ |= {name: "it was given no weight" for name in able if name not in taken}
        parts = {name: self.parts[name] for name in self.taking_part()}
        self.parts_ = self._fit_parts(parts, interactions, weights, run.part(first_share, 1.0), trained)
        self.goes_on_ = any(part.goes_on_ for part in self.parts_.values())

    def _fit_parts(
        self,
        parts: Mapping[str, Recommender],
        interactions: Interactions,
        weights: NDArray[np.float32],
        run: TrainingRun,
        trained: Mapping[str, Recommender],
    ) -> dict[str, Recommender]:
        """Return the parts in their order, fitted, but for those that are trained already."""
        fitted = {}
        for number, name in enumerate(parts):
            clone = trained.get(name)
            if clone is None:
                clone = self.clone_part(name)
                if self.goes_on_ and self.previous is not None:
                    clone.warm_start_from(self.previous.parts_.get(name))
                clone.fit_selected(interactions, weights, run.part(number / len(parts), (number + 1) / len(parts)))
            fitted[name] = clone
        return fitted

    def _choose(
        self,
        able: Mapping[str, Recommender],
        interactions: Interactions,
        weights: NDArray[np.float32],
        run: TrainingRun,
    ) -> tuple[Mapping[str, float], dict[str, Recommender]]:
        """Return the weights that answer the questions best, or the default ones; and the parts trained for long."""
        default = {name: weight for name, weight in self._default().items() if name in able}
        asked = self._draw(interactions)
        if asked is None:
            return default, {}
        quick = {name: part for name, part in able.items() if not part.trains_long}
        cut = interactions.mask(asked.is_train)
        fitted = self._fit_parts(quick, cut, weights[asked.is_train], run.part(0.0, LONG_SHARE[0]), {})
        # Training again on everything costs about what training on the cut has cost.
        if not run.affords(1.2 * run.spent_s):
            return default, {}
        tuning = run.part(LONG_SHARE[0], LONG_SHARE[0])
        settings = choose_settings(fitted, asked.cases, k=RANKS[self.questions], repeats=self.repeats, run=tuning)
        self.settings_ = np.array(
            [[settings.get(name, {}).get(setting, np.nan) for setting in SETTINGS] for name in self.parts]
        )
        if self.questions == "newest_tenth":
            self._keep_lineage(Lineage.of(interactions, asked.cases))
        long = self._fit_long(able, asked, interactions, weights, run)
        candidates = collect_candidates(
            {name: {**fitted, **long}[name] for name in able},
            asked.cases,
            run.part(0.9, 0.97),
            k=RANKS[self.questions],
            repeats=self.repeats,
        )
        run.report(0.97, "blend: choosing weights")
        return keep_for_cold(choose_weights(candidates, default), able), long

    def _draw(self, interactions: Interactions) -> Questions | None:
        """Return questions whose answers no part knows, or None where there are too few to choose by."""
        before = self.previous if self.goes_on_ else None
        among = None if before is None else Lineage(before.asked_, before.until_).find_unlearned(interactions)
        draw = partial(draw_questions, interactions, self.questions, repeats=self.repeats, seed=self.seed)
        with suppress(NotEnoughData):
            asked = draw(max_users=self.validation_users, among=among)
            if len(asked.cases) >= FEWEST_QUESTIONS and asked.is_train.any():
                return asked
        if before is None:
            return None
        self.goes_on_ = False
        return self._draw(interactions)

    def _may_go_on(self) -> bool:
        """Whether the earlier blend has a part to go on from, and tells whom it has not learned from."""
        if self.previous is None or not any(part.trains_long for part in self.previous.parts_.values()):
            return False
        return self.weights is not None or self.questions == "newest_tenth"

    def _keep_lineage(self, lineage: Lineage) -> None:
        self.asked_, self.until_ = lineage.asked, lineage.until

    def _fit_long(
        self,
        able: Mapping[str, Recommender],
        asked: Questions,
        interactions: Interactions,
        weights: NDArray[np.float32],
        run: TrainingRun,
    ) -> dict[str, Recommender]:
        long = {name: part for name, part in able.items() if part.trains_long}
        without_answers = interactions.mask(~asked.is_asked)
        low, high = LONG_SHARE[0] / LONG_SHARE[1], 0.9
        return self._fit_parts(long, without_answers, weights[~asked.is_asked], run.part(low, high), {})

    def _default(self) -> Mapping[str, float]:
        return self.default_weights or dict.fromkeys(self.parts, 1.0)
