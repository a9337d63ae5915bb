"""Trains the transformer: passes over the data by torch's gradients, a check after each, a state that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.attention import Body
from recommendations.engine.neural.batches import Sequences, gather, plan_pass
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.checkpoint import Checkpoint
from recommendations.engine.neural.foretelling import N_SIDE_BY_SIDE, grade
from recommendations.engine.neural.plan import Plan
from recommendations.engine.neural.softmax import draw_others
from recommendations.engine.neural.torch_body import Tensors, embed, look_for, lose, to_arrays, to_tensors
from recommendations.engine.training import TrainingRun

if TYPE_CHECKING:
    from torch.optim import Optimizer

PATIENCE = 5
REPORT_EVERY = 20
LONGEST_GRADIENT = 1.0
KEEP_FIRST, KEEP_SECOND = 0.9, 0.98

Weights = dict[str, Array]
Curve = list[tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Course:
    """What a training goes by.

    Attributes:
        body: the sizes.
        sequences: the events to learn from.
        whole: those and the withheld ones.
        withheld: rows of `whole` to foretell, which choose the best pass; none where there are too few.
        plan: how many steps, and how fast.
        n_sampled: items that each target is told apart from.
        dropout: share left out in training, 0..1.
        n_places: about how many events a batch has.
        seed: of everything random.
    """

    body: Body
    sequences: Sequences
    whole: Sequences
    withheld: NDArray[np.int64]
    plan: Plan
    n_sampled: int
    dropout: float
    n_places: int
    seed: int


@dataclass(slots=True)
class TorchTrainer:
    """Trains one transformer; `train` returns what it learned.

    Attributes:
        course: what to go by.
        run: where to report, and the budget.
        keeper: where the state is kept after each pass; None to keep none.
    """

    course: Course
    run: TrainingRun
    keeper: Checkpoint | None = None
    _chance: np.random.Generator = field(default_factory=np.random.default_rng)
    _step: int = 0
    _spent_s: float = 0.0
    _curve: Curve = field(default_factory=list)
    _best: Weights = field(default_factory=dict)

    def train(self, begin: Callable[[np.random.Generator], Weights]) -> tuple[Weights, Curve]:
        """Return the best pass's weights, and after each pass the steps taken, its mean loss and what the check found.

        Args:
            begin: makes the weights to train; not called where a kept state is taken up.

        Raises:
            TrainingStopped: the caller asked to stop; the state after the last whole pass is kept.
        """
        import torch

        self._chance = np.random.default_rng(self.course.seed)
        with alone(self.course.seed):
            kept = self.keeper.load() if self.keeper is not None else None
            weights = to_tensors(begin(self._chance) if kept is None else _group(kept[0], "now"))
            optimiser = torch.optim.Adam(weights.values(), lr=0.0, betas=(KEEP_FIRST, KEEP_SECOND), eps=1e-8)
            if kept is None:
                self._check(weights, np.nan)
            else:
                self._take_up(weights, optimiser, *kept)
            while self._step < self.course.plan.n_steps and self._n_flat() < PATIENCE:
                if not self._pass(weights, optimiser):
                    break
                self._keep(weights, optimiser)
            return self._best or to_arrays(weights), self._curve

    def _pass(self, weights: Tensors, optimiser: Optimizer) -> bool:
        """Take a pass's steps; return whether the budget allows another."""
        import torch

        course, within, losses = self.course, True, []
        for batch in plan_pass(course.sequences, course.body.reach, course.n_places, self._chance):
            if not within or self._step >= course.plan.n_steps:
                break
            self._tell()
            others = draw_others(len(weights["items_out"]), course.n_sampled, self._chance)
            loss = lose(weights, course.body, gather(course.sequences, *batch), others, course.dropout)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(weights.values()), LONGEST_GRADIENT)
            for group in optimiser.param_groups:
                group["lr"] = course.plan.rate(self._step)
            optimiser.step()
            losses.append(loss.item())
            self._step += 1
            within = self._affords()
        self._check(weights, float(np.mean(losses)) if losses else np.nan)
        return within

    def _check(self, weights: Tensors, loss: float) -> None:
        quality = self._measure(weights) if len(self.course.withheld) else np.nan
        if len(self.course.withheld) and quality > max((found for _, _, found in self._curve), default=-1.0):
            self._best = to_arrays(weights)
        self._curve.append((self._step, loss, quality))

    def _measure(self, weights: Tensors) -> float:
        """NDCG@10 of the withheld events, each counting as its weight says."""
        import torch

        whole, reach = self.course.whole, self.course.body.reach
        users = np.searchsorted(whole.starts, self.course.withheld, side="right") - 1
        firsts = np.maximum(whole.starts[users], self.course.withheld - reach)
        order = np.argsort(self.course.withheld - firsts, kind="stable")
        gains = []
        with torch.no_grad():
            for start in range(0, len(order), N_SIDE_BY_SIDE):
                rows = order[start : start + N_SIDE_BY_SIDE]
                first, stop = firsts[rows], self.course.withheld[rows]
                batch = gather(whole, first, stop)
                wanted = look_for(weights, self.course.body, embed(weights, batch.items.T, batch.types.T, batch.gaps.T))
                last = wanted[torch.arange(len(rows)), torch.from_numpy(stop - first - 1)]
                scores = (last @ weights["items_out"].T + weights["item_bias"]).numpy()
                gains.append(grade(scores, whole, first, stop))
        return float(np.average(np.concatenate(gains), weights=whole.weights[self.course.withheld[order]]))

    def _n_flat(self) -> int:
        """Checks since the best one."""
        found = [quality for _, _, quality in self._curve]
        return len(found) - 1 - int(np.argmax(found)) if self._best else 0

    def _tell(self) -> None:
        if self._step % REPORT_EVERY:
            return
        checked = f", best check {max(found for _, _, found in self._curve):.4f}" if self._best else ""
        n_steps = self.course.plan.n_steps
        self.run.report(self._step / n_steps, f"transformer: step {self._step + 1} of {n_steps}{checked}")

    def _affords(self) -> bool:
        budget_s = self.run.budget_s
        if budget_s is None or self._spent_s + self.run.spent_s <= budget_s:
            return True
        n_steps = self.course.plan.n_steps
        note = f"transformer: the budget of {budget_s:g} CPU-seconds is used up after {self._step} steps of {n_steps}"
        self.run.report(self._step / n_steps, note)
        return False

    def _keep(self, weights: Tensors, optimiser: Optimizer) -> None:
        import torch

        if self.keeper is None:
            return
        moments = [optimiser.state[tensor] for tensor in weights.values()]
        groups: dict[str, Weights] = {
            "now": to_arrays(weights),
            "first": {name: kept["exp_avg"].numpy() for name, kept in zip(weights, moments, strict=True)},
            "second": {name: kept["exp_avg_sq"].numpy() for name, kept in zip(weights, moments, strict=True)},
            "best": self._best,
        }
        arrays: dict[str, NDArray[Any]] = {
            f"{group}.{name}": a for group, some in groups.items() for name, a in some.items()
        }
        arrays["dropped.state"] = torch.get_rng_state().numpy()
        facts = {
            "chance": self._chance.bit_generator.state,
            "curve": self._curve,
            "spent_s": self._spent_s + self.run.spent_s,
            "step": self._step,
        }
        self.keeper.save(arrays, facts)

    def _take_up(
        self, weights: Tensors, optimiser: Optimizer, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]
    ) -> None:
        import torch

        for name, tensor in weights.items():
            optimiser.state[tensor] = {
                "step": torch.tensor(float(facts["step"])),
                "exp_avg": torch.from_numpy(arrays[f"first.{name}"]),
                "exp_avg_sq": torch.from_numpy(arrays[f"second.{name}"]),
            }
        torch.set_rng_state(torch.from_numpy(arrays["dropped.state"]))
        self._chance.bit_generator.state = facts["chance"]
        self._curve = [(row[0], row[1], row[2]) for row in facts["curve"]]
        self._best = _group(arrays, "best")
        self._step, self._spent_s = facts["step"], facts["spent_s"]


def _group(arrays: dict[str, NDArray[Any]], group: str) -> Weights:
    return {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(f"{group}.")}


@contextmanager
def alone(seed: int) -> Iterator[None]:
    """One thread and a seed of its own for torch, which is as it was afterwards."""
    import torch

    n_threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
        torch.set_rng_state(state)
