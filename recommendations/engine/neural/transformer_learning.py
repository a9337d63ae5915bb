"""From interactions to a transformer's weights: what to learn from, where to begin, how long."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.attention import WIDENING, Body, begin
from recommendations.engine.neural.batches import Sequences, plan_pass
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.checkpoint import Checkpoint, fingerprint
from recommendations.engine.neural.foretelling import choose_withheld
from recommendations.engine.neural.learning import FIRST_MOMENT, WARM_PASSES, WARM_RATE, places_per_batch, weigh_by_age
from recommendations.engine.neural.plan import PLANNED_SHARE, Plan
from recommendations.engine.neural.torch_learning import Course, TorchTrainer
from recommendations.engine.neural.warm_start import Previous, carry_over, factorise_sequences
from recommendations.engine.training import TrainingRun

# Multiplications of one core in a CPU-second, all overhead included; about two thirds of what a machine of 2020 does.
SPEED = 2.4e10
# What a batch costs besides its arithmetic, most of it Adam's over whole tables of items.
BATCH_S = 0.01
TABLE_S_PER_NUMBER = 6e-9
FACTORISED = 0.1
# Where sessions end makes no difference here: how long ago the event before was is told by the gaps.
SESSION_GAP_S = 1_800


@dataclass(frozen=True, slots=True)
class Settings:
    """How to learn; each is an argument of the model, which tells what it means."""

    width: int
    n_heads: int
    history_size: int
    recency_mask: bool
    passes: float
    learning_rate: float
    dropout: float
    n_sampled: int
    window: int
    is_timed: bool | None
    validation_users: int
    seed: int


class Learned(NamedTuple):
    """Trained weights, the curve that led to them, and whether the timestamps were moments."""

    weights: dict[str, Array]
    curve: list[tuple[float, float, float]]
    is_timed: bool


@dataclass(slots=True)
class TransformerLearner:
    """Learns a transformer from interactions.

    Attributes:
        settings: how.
        n_blocks: blocks of the body.
        interactions: the events.
        weights: how much it counts to foretell each event, above 0, shape (n_rows,).
        run: where to report, the budget, and the folder of the state.
    """

    settings: Settings
    n_blocks: int
    interactions: Interactions
    weights: NDArray[np.float32]
    run: TrainingRun

    def learn(self, previous: Previous | None = None) -> Learned:
        """Return what was learned, going on from a previous transformer where there is one that fits.

        Raises:
            TrainingStopped: the caller asked to stop.
        """
        settings, events, run = self.settings, self.interactions, self.run
        run.report(0.0, "transformer: choosing what to learn from")
        newest = int(events.timestamps.max(initial=0))
        is_timed = newest >= FIRST_MOMENT if settings.is_timed is None else settings.is_timed
        counts = self.weights
        if settings.recency_mask and is_timed:
            counts = counts * weigh_by_age(events.timestamps)
        whole = Sequences.of(events, counts, SESSION_GAP_S, is_timed=is_timed)
        withheld = choose_withheld(events, settings.validation_users, settings.seed)
        keep = np.ones(len(events), np.bool_)
        keep[withheld] = False
        sequences = whole.take(keep)
        body = Body(settings.width, self.n_blocks, settings.n_heads, settings.history_size)
        n_places = places_per_batch(sequences, body.reach)
        course = Course(
            body=body,
            sequences=sequences,
            whole=whole,
            withheld=withheld,
            plan=self._plan(sequences, body, n_places, is_warm=previous is not None),
            n_sampled=settings.n_sampled,
            dropout=settings.dropout,
            n_places=n_places,
            seed=settings.seed,
        )
        users = events.users[keep]
        trainer = TorchTrainer(course, run.part(FACTORISED, 1.0), self._keeper(course.plan, counts, previous))
        weights, curve = trainer.train(lambda chance: self._begin(body, users, sequences.items, previous, chance))
        return Learned(weights, curve, is_timed)

    def _plan(self, sequences: Sequences, body: Body, n_places: int, *, is_warm: bool) -> Plan:
        settings = self.settings
        n_batches = len(plan_pass(sequences, body.reach, n_places, np.random.default_rng(settings.seed)))
        n_steps = math.ceil(settings.passes * (WARM_PASSES if is_warm else 1.0) * n_batches)
        allowance_s = self.run.allowance_s
        if allowance_s is not None and n_batches:
            pass_s = len(sequences.items) * 3 * count_multiplications(body, settings.n_sampled) / SPEED
            pass_s += n_batches * (BATCH_S + TABLE_S_PER_NUMBER * 2 * body.width * self.interactions.n_items)
            n_steps = min(n_steps, math.floor(max(allowance_s, 0.0) * PLANNED_SHARE / pass_s * n_batches))
        return Plan(n_steps, settings.learning_rate * (WARM_RATE if is_warm else 1.0))

    def _keeper(self, plan: Plan, counts: NDArray[np.float32], previous: Previous | None) -> Checkpoint | None:
        if self.run.checkpoint is None:
            return None
        events = self.interactions
        arrays: list[NDArray[Any]] = [events.users, events.items, events.types, events.timestamps, counts]
        texts = [
            repr(asdict(self.settings)),
            repr(plan),
            *("\0".join(ids) for ids in (events.item_ids, events.user_ids)),
        ]
        if previous is not None:
            arrays += [previous.weights[name] for name in sorted(previous.weights)]
            texts += ["\0".join(previous.item_ids), "\0".join(previous.type_names)]
        return Checkpoint(self.run.checkpoint, fingerprint(arrays, *texts))

    def _begin(
        self,
        body: Body,
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        previous: Previous | None,
        chance: np.random.Generator,
    ) -> dict[str, Array]:
        settings, events = self.settings, self.interactions
        self.run.report(0.01, "transformer: factorising what follows what")
        left, right = factorise_sequences(users, items, events.n_items, settings.width, settings.window, settings.seed)
        # One row more than there are types: an event of a type never trained on moves nothing.
        fresh = begin(body, left, right, n_types=len(events.event_types) + 1, chance=chance)
        carried = None if previous is None else carry_over(previous, fresh, events.item_ids, events.event_types)
        return fresh if carried is None else carried


def count_multiplications(body: Body, n_sampled: int) -> int:
    """Multiplications of one event, forward only, where histories are as long as the body's reach."""
    block = (4 + 2 * WIDENING) * body.width**2 + 2 * body.reach * body.width
    return body.n_blocks * block + body.width * (body.width + n_sampled)
