"""Lives a simulated experiment through: at its own times, by the shop's own services, into the shop's own tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from django.conf import settings

from experiments import controller, exposures, ramp
from experiments.assignment import Assignment, assign
from experiments.exposures import Exposed
from experiments.freezing import freeze_results
from experiments.snapshot import expire_snapshot
from recommendations.events.store import store
from storefront.progress import Report
from storefront.simulation.experiments.behaviour import behave
from storefront.simulation.experiments.finished import KEY, ROWS, STEPS, TREATMENT
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.records import Storefronts, records_of
from storefront.simulation.experiments.traffic import draw_traffic
from storefront.simulation.shelf import Shelf

ACTOR = "demo"
REASON = "The demo's simulated experiment begins."
# A look a day while the ramp goes up, so that no step waits for one; fewer afterwards, since each takes its time.
DAILY_FOR = timedelta(days=len(STEPS))
LOOK_EVERY = timedelta(days=3)
# Once all events of its last moment must have been stored.
FREEZES_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was lived through: homepage views of shoppers in the experiment, and how many shoppers these were."""

    n_views: int
    n_shoppers: int


class Replay:
    """One experiment, from its start to its frozen result."""

    def __init__(
        self,
        parameters: TrialParameters,
        shelf: Shelf,
        *,
        starts_at: datetime,
        look_every: timedelta = LOOK_EVERY,
    ) -> None:
        """Draw the traffic.

        Args:
            parameters: who comes, and the effect that is planted.
            shelf: what there is to look at.
            starts_at: when it begins; its days must lie before the world's now.
            look_every: how often the ramp controller looks, once the ramp is up.
        """
        self._parameters = parameters
        self._shelf = shelf
        self._starts_at = starts_at
        self._look_every = look_every
        self._ends_at = starts_at + timedelta(days=parameters.days)
        self._traffic = draw_traffic(parameters, starts_s=starts_at.timestamp())
        self._rows = Storefronts.of(shelf, ROWS, at_s=starts_at.timestamp(), seed=parameters.seed)

    def run(self, *, salt: str, report: Report) -> Replayed:
        """Start it, let its shoppers come, let the ramp controller look again and again, and freeze what came out.

        Args:
            salt: of its phase, 32 hex digits, so that equal worlds have equal results.
            report: told the share done, 0..1, and a note.
        """
        with settings.CLOCK.at(self._starts_at):
            ramp.start(KEY, actor=ACTOR, reason=REASON, salt=salt)
        n_views, shoppers = 0, set[str]()
        for since, until in pairwise(self._looks()):
            # What was changed last is not committed yet, so nobody told this process.
            expire_snapshot()
            views, assignments = self._included(since, until)
            self._live(views, assignments)
            n_views += len(views)
            shoppers.update(self._traffic.key_of(view) for view in views)
            with settings.CLOCK.at(until):
                controller.watch(KEY, until)
            report((until - self._starts_at) / (self._ends_at - self._starts_at), f"{until:%-d %B}")
        freezes_at = self._ends_at + FREEZES_AFTER
        with settings.CLOCK.at(freezes_at):
            freeze_results(freezes_at)
        expire_snapshot()
        return Replayed(n_views, len(shoppers))

    def _looks(self) -> list[datetime]:
        moments = [self._starts_at]
        while moments[-1] < self._ends_at:
            pause = timedelta(days=1) if moments[-1] - self._starts_at < DAILY_FOR else self._look_every
            moments.append(min(moments[-1] + pause, self._ends_at))
        return moments

    def _included(self, since: datetime, until: datetime) -> tuple[list[int], list[Assignment]]:
        """The views between two looks whose shoppers the ramp includes, and what they are assigned.

        Nobody else leaves anything: the analysis reads nothing of them.
        """
        bounds = np.searchsorted(self._traffic.at_s, [since.timestamp(), until.timestamp()])
        views, assignments = [], []
        for view in range(*bounds.tolist()):
            assignment = assign(KEY, self._traffic.key_of(view), attributes=self._attributes(view))
            if assignment.is_analysed:
                views.append(view)
                assignments.append(assignment)
        return views, assignments

    def _live(self, views: Sequence[int], assignments: Sequence[Assignment]) -> None:
        is_treated = np.zeros(len(self._traffic), np.bool_)
        is_treated[[view for view, each in zip(views, assignments, strict=True) if each.variation == TREATMENT]] = True
        behaviour = behave(self._parameters, self._traffic, is_treated)
        store(list(records_of(self._traffic, behaviour, views, assignments, self._rows, self._shelf)))
        exposures.insert(
            [
                Exposed(
                    unit=self._traffic.key_of(view),
                    phase_id=assignment.phase_id or 0,
                    variation=assignment.variation,
                    at=self._traffic.moment_of(view),
                    attributes=self._attributes(view),
                )
                for view, assignment in zip(views, assignments, strict=True)
            ]
        )

    def _attributes(self, view: int) -> dict[str, str]:
        device = "phone" if self._traffic.is_on_phone[self._traffic.shopper[view]] else "desktop"
        return {"device": device, "history": "new", "signed_in": "no"}
