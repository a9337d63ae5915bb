"""How long a training takes and how fast it learns: planned from the data and the budget, never from measured time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

# Multiplications and additions of one core in a CPU-second of training, all overhead included; about half of what a
# machine of 2020 does, since a plan must hold on the slower ones too.
SPEED = 2.4e10
# Share of a budget that steps are planned for: the rest is for the factorisation, the checks and the saving.
PLANNED_SHARE = 0.8
# What a batch costs besides its arithmetic, and what each of its recurrent steps does.
BATCH_S = 0.003
RECURRENT_STEP_S = 0.00015
WARM_UP_STEPS = 100
LEAST_RATE = 0.02


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers that a step's cost depends on.

    Attributes:
        width: of an item's vector.
        n_hidden: of a recurrent state.
        n_sampled: items that each target is told apart from.
        length: the most recurrent steps of a batch.
    """

    width: int
    n_hidden: int
    n_sampled: int
    length: int

    @property
    def cost(self) -> float:
        """Multiplications of one event, forward only."""
        recurrent = 3 * self.n_hidden * (self.width + self.n_hidden)
        return recurrent + self.width * (self.n_hidden + self.n_sampled)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many steps are taken, and with which learning rates.

    Attributes:
        n_steps: batches to learn from, over all passes.
        peak: the greatest learning rate, after the first steps and before it falls to LEAST_RATE of it.
    """

    n_steps: int
    peak: float

    @classmethod
    def within(
        cls, n_batches: int, n_events: int, passes: float, peak: float, size: Size, allowance_s: float | None
    ) -> Self:
        """Plan `passes` passes, or as much of them as an allowance lets.

        Args:
            n_batches: batches of one pass, at least 0.
            n_events: events of one pass.
            passes: how often each event is learned from.
            peak: the greatest learning rate.
            size: what a step costs.
            allowance_s: CPU-seconds to stay within; None for no limit.
        """
        n_steps = math.ceil(passes * n_batches)
        if allowance_s is not None and n_batches:
            pass_s = n_events * 3 * size.cost / SPEED + n_batches * (BATCH_S + size.length * RECURRENT_STEP_S)
            n_steps = min(n_steps, math.floor(max(allowance_s, 0.0) * PLANNED_SHARE / pass_s * n_batches))
        return cls(n_steps, peak)

    def rate(self, step: int) -> float:
        """The learning rate of a step, 0..n_steps - 1: up in a line, then down on a cosine."""
        n_up = min(WARM_UP_STEPS, max(1, self.n_steps // 10))
        fallen = 0.5 * (1.0 + math.cos(math.pi * step / self.n_steps))
        return self.peak * min(1.0, (step + 1) / n_up) * max(LEAST_RATE, fallen)
