"""From interactions to a network's weights: what to learn from, where to begin, how long, and the training itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.batches import Sequences, cut_pieces, plan_pass
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.checkpoint import Checkpoint, fingerprint
from recommendations.engine.neural.description import Description
from recommendations.engine.neural.foretelling import Cut, choose_withheld
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.plan import Plan, Size
from recommendations.engine.neural.stepping import Training
from recommendations.engine.neural.trainer import Course, Trainer
from recommendations.engine.neural.warm_start import Previous, carry_over, factorise_sequences
from recommendations.engine.training import TrainingRun

DAY_S = 86_400
# 1990 in epoch seconds: a log whose newest event is older numbers its events.
FIRST_MOMENT = 631_152_000
RECENCY_HALF_LIFE_DAYS = 30.0
RECENCY_FLOOR = 0.25
# Many small steps beat few great ones: 64 histories side by side reached more in the same time than 128 or 256.
SIDE_BY_SIDE = 64
FEWEST_PLACES = 128
# Little data still take this many steps a pass.
FEWEST_BATCHES = 300
# What a training that goes on from last night's weights takes of the passes, and of the learning rate.
WARM_PASSES = 0.3
WARM_RATE = 0.5
# Of the share done: what the factorisation takes.
FACTORISED = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """How to learn; each is an argument of the model, which tells what it means."""

    hidden_dimension: int
    bptt: int
    recency_mask: bool
    min_user_history_length_percentile: float
    max_user_history_length_percentile: float
    width: int
    passes: float
    learning_rate: float
    dropout: float
    n_sampled: int
    window: int
    session_gap_s: int
    is_timed: bool | None
    validation_users: int
    seed: int


# Told how many events of each item are trained on, describes items and users.
Describe = Callable[[NDArray[np.int64]], Description]


class Learned(NamedTuple):
    """A trained network's weights as serving reads them, with those of the attributes where there are any; and after
    each check the steps taken, the mean loss and the NDCG@10 found.
    """

    weights: dict[str, Array]
    curve: list[tuple[float, float, float]]


class Learner:
    """Learns a network from interactions.

    Args:
        settings: how.
        interactions: the events.
        weights: how much it counts to foretell each event, above 0, shape (n_rows,).
        run: where to report, the budget, and the folder of the state.
        describe: describes items and users by their attributes; by default a network knows ids alone.

    Attributes:
        is_timed: whether the timestamps are moments, and not only an order.
    """

    def __init__(
        self,
        settings: Settings,
        interactions: Interactions,
        weights: NDArray[np.float32],
        run: TrainingRun,
        describe: Describe | None = None,
    ) -> None:
        self._describe = describe
        self._settings = settings
        self._interactions = interactions
        self._run = run
        newest = int(interactions.timestamps.max(initial=0))
        self.is_timed = newest >= FIRST_MOMENT if settings.is_timed is None else settings.is_timed
        self._weights = weights * weigh_by_age(interactions.timestamps) if self._decays() else weights

    def learn(self, previous: Previous | None = None) -> Learned:
        """Return what was learned, going on from a previous network where there is one that fits.

        Raises:
            TrainingStopped: the caller asked to stop.
        """
        settings, run = self._settings, self._run
        run.report(0.0, "hrnn: choosing what to learn from")
        whole = Sequences.of(self._interactions, self._weights, settings.session_gap_s, is_timed=self.is_timed)
        withheld = choose_withheld(self._interactions, settings.validation_users, settings.seed)
        keep = self._within_percentiles()
        keep[withheld] = False
        sequences = whole.take(keep)
        users = self._interactions.users[keep]
        n_events = np.bincount(sequences.items, minlength=self._interactions.n_items)
        description = None if self._describe is None else self._describe(n_events)
        course = Course(
            sequences=sequences,
            cut=Cut.of(whole, withheld) if len(withheld) else None,
            plan=self._plan(sequences, is_warm=previous is not None),
            training=Training(settings.n_sampled, settings.dropout),
            length=settings.bptt,
            n_places=places_per_batch(sequences, settings.bptt),
            description=description,
        )
        trainer = Trainer(course, run.part(FACTORISED, 1.0), self._keeper(course, previous))
        weights, curve = trainer.train(
            lambda chance: self._begin(users, sequences.items, course, previous, chance),
            np.random.default_rng(settings.seed),
        )
        return Learned(weights if description is None else description.fold(weights), curve)

    def _decays(self) -> bool:
        return self._settings.recency_mask and self.is_timed

    def _within_percentiles(self) -> NDArray[np.bool_]:
        """Whether each row's user has a history of a length to learn from, shape (n_rows,)."""
        lengths = np.diff(self._interactions.starts)
        low, high = np.quantile(
            lengths,
            (self._settings.min_user_history_length_percentile, self._settings.max_user_history_length_percentile),
            method="higher",
        )
        is_within: NDArray[np.bool_] = (lengths >= low) & (lengths <= high)
        return is_within[self._interactions.users]

    def _plan(self, sequences: Sequences, *, is_warm: bool) -> Plan:
        settings = self._settings
        one_pass = plan_pass(
            sequences, settings.bptt, places_per_batch(sequences, settings.bptt), np.random.default_rng(settings.seed)
        )
        return Plan.within(
            n_batches=len(one_pass),
            n_events=len(sequences.items),
            passes=settings.passes * (WARM_PASSES if is_warm else 1.0),
            peak=settings.learning_rate * (WARM_RATE if is_warm else 1.0),
            size=Size(settings.width, settings.hidden_dimension, settings.n_sampled, settings.bptt),
            allowance_s=self._run.allowance_s,
        )

    def _keeper(self, course: Course, previous: Previous | None) -> Checkpoint | None:
        if self._run.checkpoint is None:
            return None
        events = self._interactions
        arrays: list[NDArray[Any]] = [events.users, events.items, events.types, events.timestamps, self._weights]
        texts = [
            repr(asdict(self._settings)),
            repr(course.plan),
            "\0".join(events.item_ids),
            "\0".join(events.event_types),
        ]
        texts.append("\0".join(events.user_ids))
        if course.description is not None:
            arrays += course.description.arrays()
        if previous is not None:
            arrays += [previous.weights[name] for name in Network.names()]
            texts += ["\0".join(previous.item_ids), "\0".join(previous.type_names)]
        return Checkpoint(self._run.checkpoint, fingerprint(arrays, *texts))

    def _begin(
        self,
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        course: Course,
        previous: Previous | None,
        chance: np.random.Generator,
    ) -> Network:
        settings, events = self._settings, self._interactions
        self._run.report(0.01, "hrnn: factorising what follows what")
        left, right = factorise_sequences(users, items, events.n_items, settings.width, settings.window, settings.seed)
        # One row more than there are types: an event of a type never trained on moves nothing.
        n_types = len(events.event_types) + 1
        fresh = Network.begin(left, right, n_types=n_types, n_hidden=settings.hidden_dimension, chance=chance)
        carried = None
        if previous is not None:
            carried = carry_over(previous, fresh.weights, events.item_ids, events.event_types)
            if carried is None:
                self._run.report(FACTORISED, "hrnn: the previous model knew none of these items; it begins anew")
        weights, description = carried or fresh.weights, course.description
        if description is None:
            return Network(weights)
        if carried is not None and previous is not None and previous.item_keys is not None:
            known = frozenset(previous.item_ids)
            is_old = np.array([item_id in known for item_id in events.item_ids], np.bool_)
            return Network(description.go_on(weights, previous, is_old), description)
        return Network(description.begin(weights), description)


def places_per_batch(sequences: Sequences, length: int) -> int:
    """About how many events a batch has: as many histories as fit, and less of little data."""
    firsts, stops = cut_pieces(sequences.starts, length, np.random.default_rng(0))
    mean = float((stops - firsts).mean()) if len(firsts) else 1.0
    return max(FEWEST_PLACES, min(round(SIDE_BY_SIDE * mean), len(sequences.items) // FEWEST_BATCHES))


def weigh_by_age(timestamps: NDArray[np.int64]) -> NDArray[np.float32]:
    """1 for the newest event, towards RECENCY_FLOOR for old ones, shape (n_rows,)."""
    age_days = (float(timestamps.max()) - timestamps.astype(np.float64)) / DAY_S
    decayed = RECENCY_FLOOR + (1.0 - RECENCY_FLOOR) * 0.5 ** (age_days / RECENCY_HALF_LIFE_DAYS)
    return decayed.astype(np.float32)
