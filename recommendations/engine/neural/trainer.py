"""The training loop: passes over the data, a check after each, a state that can be kept and taken up again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.exceptions import TrainingStopped
from recommendations.engine.neural.adam import Adam
from recommendations.engine.neural.batches import Sequences, gather, plan_pass
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.checkpoint import Checkpoint
from recommendations.engine.neural.description import Description
from recommendations.engine.neural.foretelling import Cut
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.plan import Plan
from recommendations.engine.neural.stepping import Step, Training
from recommendations.engine.training import TrainingRun

# So many checks without a better one end a training.
PATIENCE = 5
REPORT_EVERY = 20
KEEP_EVERY_S = 60.0

Weights = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Course:
    """What a training goes by.

    Attributes:
        sequences: the events to learn from.
        cut: the questions that choose the best pass; None where there are too few.
        plan: how many steps, and how fast.
        training: how a step trains.
        length: the most events that a prediction looks back on in training.
        n_places: about how many events a batch has.
        description: what is known of items and users besides their ids.
    """

    sequences: Sequences
    cut: Cut | None
    plan: Plan
    training: Training
    length: int
    n_places: int
    description: Description | None = None


@dataclass(slots=True)
class State:
    """Where a training is.

    Attributes:
        network: changed in place by every step.
        adam: its moments.
        chance: the one source of everything random.
        pass_began: the state of `chance` when the pass under way was planned; empty between passes.
        step: steps taken in all.
        place: steps taken of the pass under way.
        loss: sum of the pass's losses so far.
        spent_s: CPU-seconds used by the processes that brought the training here.
        curve: after each pass the steps taken, its mean loss and what the check found (NaN without one).
        best: the weights that the best check was made with.
    """

    network: Network
    chance: np.random.Generator
    adam: Adam = field(default_factory=Adam)
    pass_began: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    place: int = 0
    loss: float = 0.0
    spent_s: float = 0.0
    curve: list[tuple[float, float, float]] = field(default_factory=list)
    best: Weights | None = None

    def n_flat(self) -> int:
        """Checks since the best one."""
        found = [quality for _, _, quality in self.curve]
        return 0 if self.best is None else len(found) - 1 - int(np.argmax(found))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that is an array, by name."""
        groups: dict[str, Any] = {
            "now": self.network.weights,
            "first": self.adam.first,
            "second": self.adam.second,
            "reached": self.adam.reached,
        }
        if self.best is not None:
            groups["best"] = self.best
        return {f"{group}.{name}": array for group, arrays in groups.items() for name, array in arrays.items()}

    def facts(self, spent_s: float) -> dict[str, Any]:
        """Everything else, as JSON can hold it."""
        return {
            "adam_steps": self.adam.n_steps,
            "chance": self.chance.bit_generator.state,
            "curve": self.curve,
            "loss": self.loss,
            "pass_began": self.pass_began,
            "place": self.place,
            "spent_s": spent_s,
            "step": self.step,
        }

    @classmethod
    def of(
        cls,
        arrays: dict[str, NDArray[Any]],
        facts: dict[str, Any],
        chance: np.random.Generator,
        description: Description | None,
    ) -> Self:
        """The state that was kept; `chance` goes on from there."""
        groups: dict[str, Any] = {}
        for name, array in arrays.items():
            group, _, weight = name.partition(".")
            groups.setdefault(group, {})[weight] = array
        chance.bit_generator.state = facts["chance"]
        return cls(
            network=Network(groups["now"], description),
            chance=chance,
            adam=Adam(
                facts["adam_steps"], groups.get("first", {}), groups.get("second", {}), groups.get("reached", {})
            ),
            curve=[(row[0], row[1], row[2]) for row in facts["curve"]],
            best=groups.get("best"),
            **{name: facts[name] for name in ("pass_began", "step", "place", "loss", "spent_s")},
        )


@dataclass(slots=True)
class Trainer:
    """Trains one network; `train` returns what it learned.

    Attributes:
        course: what to go by.
        run: where to report, and the budget.
        keeper: where the state is kept; None to keep none.
    """

    course: Course
    run: TrainingRun
    keeper: Checkpoint | None = None
    _kept_at_s: float = field(default_factory=time.monotonic)

    def train(
        self, begin: Callable[[np.random.Generator], Network], chance: np.random.Generator
    ) -> tuple[Weights, list[tuple[float, float, float]]]:
        """Return the best pass's weights, and the curve that led to them.

        Args:
            begin: makes the network to train; not called where a kept state is taken up.
            chance: the source of everything random.

        Ends after the planned steps, or earlier: when checks have long found nothing better, or when the budget is
        used up although the plan was to stay within it, which the last report then says.

        Raises:
            TrainingStopped: the caller asked to stop; the state is kept before.
        """
        kept = self.keeper.load() if self.keeper is not None else None
        if kept is not None:
            state = State.of(*kept, chance, self.course.description)
        else:
            state = State(begin(chance), chance)
            self._check(state, np.nan)
        while state.step < self.course.plan.n_steps and state.n_flat() < PATIENCE:
            if not self._pass(state):
                break
        self._keep(state)
        return (state.network.weights if state.best is None else state.best), state.curve

    def _pass(self, state: State) -> bool:
        """Take the rest of a pass's steps; return whether the budget allows another."""
        plan, length, n_places = self.course.plan, self.course.length, self.course.n_places
        now = dict(state.chance.bit_generator.state)
        is_under_way = bool(state.pass_began)
        if is_under_way:
            state.chance.bit_generator.state = state.pass_began
        else:
            state.pass_began = now
        batches = plan_pass(self.course.sequences, length, n_places, state.chance)
        if is_under_way:
            state.chance.bit_generator.state = now
        within = True
        last = min(len(batches), state.place + plan.n_steps - state.step)
        while within and state.place < last:
            self._tell(state)
            batch = gather(self.course.sequences, *batches[state.place])
            rate = plan.rate(state.step)
            state.loss += Step(state.network, self.course.training, state.adam, rate, state.chance).take(batch)
            state.step, state.place = state.step + 1, state.place + 1
            within = self._affords(state)
        for name in state.adam.reached:
            state.adam.catch_up(state.network.weights, name, None, plan.rate(max(0, state.step - 1)))
        self._check(state, state.loss / max(1, state.place))
        state.place, state.loss, state.pass_began = 0, 0.0, {}
        return within

    def _check(self, state: State, loss: float) -> None:
        quality = self.course.cut.measure(state.network) if self.course.cut is not None else np.nan
        better = not state.curve or quality > max(found for _, _, found in state.curve)
        if self.course.cut is not None and better:
            state.best = {name: weights.copy() for name, weights in state.network.weights.items()}
        state.curve.append((state.step, loss, quality))

    def _tell(self, state: State) -> None:
        """Now and then report, and keep the state: when it is time, and before an end that the caller asked for."""
        if state.step % REPORT_EVERY:
            return
        if self.keeper is not None and time.monotonic() - self._kept_at_s > KEEP_EVERY_S:
            self._keep(state)
        checked = f", best check {max(found for _, _, found in state.curve):.4f}" if self.course.cut is not None else ""
        note = f"hrnn: step {state.step + 1} of {self.course.plan.n_steps}{checked}"
        try:
            self.run.report(state.step / self.course.plan.n_steps, note)
        except TrainingStopped:
            self._keep(state)
            raise

    def _affords(self, state: State) -> bool:
        budget_s = self.run.budget_s
        if budget_s is None or state.spent_s + self.run.spent_s <= budget_s:
            return True
        note = f"hrnn: the budget of {budget_s:g} CPU-seconds is used up after {state.step} steps"
        self.run.report(state.step / self.course.plan.n_steps, f"{note} of {self.course.plan.n_steps}")
        return False

    def _keep(self, state: State) -> None:
        if self.keeper is not None:
            self.keeper.save(state.arrays(), state.facts(state.spent_s + self.run.spent_s))
            self._kept_at_s = time.monotonic()
