"""What a campaign explores: its young items, and how they do, learned behind the requests' backs."""

import logging
import math
import threading
import time
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.adapters.embedded import listed, showings
from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.exploration import DAY_S, ExplorationConfig, Shown, explore, find_young
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.answers.scoring import Scoring
from recommendations.engine.artifacts import Artifact
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.exceptions import BackendUnavailable, InvalidInput
from recommendations.models.resources import Campaign
from recommendations.ports import Exploration

logger = logging.getLogger(__name__)

# A page whose list was shown a moment ago need not know of it yet.
REFRESH_S = 5.0
NO_ITEMS = np.empty(0, np.intp)
# Amazon Personalize developer guide, "User-Personalization recipe": what item exploration belongs to.
EXPLORING_RECIPES = frozenset({"aws-user-personalization", "aws-user-personalization-v2"})


class Explorer:
    """The young items of one trained model, and how often they were shown and clicked on.

    Args:
        tracking_id: whose counters tell; where it is empty nothing is ever known of them.
        weight: of chance against the model's scores, 0..1.
        young: catalogue indices, ascending, shape (n_young,).
        item_ids: the ids of the young items, in their order.
    """

    def __init__(self, tracking_id: str, weight: float, young: NDArray[np.intp], item_ids: Sequence[str]) -> None:
        self._tracking_id = tracking_id
        self._weight = weight
        self._young = young
        self._item_ids = item_ids
        self._young_ids = frozenset(item_ids)
        # What is known of the young items and, behind them, of those newcomers.
        self._told: tuple[tuple[str, ...], Shown] = ((), Shown.never(len(young)))
        self._newcomers: tuple[str, ...] = ()
        self._all_ids = self._young_ids
        self._announced: tuple[str, ...] | None = None
        self._refreshed_at_s = -REFRESH_S
        self._refreshing = threading.Lock()
        self._quiet_until_s = 0.0

    def best(
        self,
        scoring: Scoring,
        k: int,
        allowed: NDArray[np.bool_] | None,
        *,
        recommendation_id: str,
        newcomers: NDArray[np.intp] = NO_ITEMS,
        newcomer_ids: tuple[str, ...] = (),
    ) -> Candidates:
        """Return the k best items, best first, young ones by their chance.

        Args:
            scoring: a request's scores.
            k: how many.
            allowed: which items may be returned, shape (n_items,).
            recommendation_id: of the answer; the same one draws the same chances.
            newcomers: indices beyond the catalogue of items that came since, ascending, shape (n_newcomers,).
            newcomer_ids: their ids, in their order.
        """
        if newcomer_ids is not self._newcomers:
            self._newcomers, self._all_ids = newcomer_ids, self._young_ids.union(newcomer_ids)
        has_young = bool(self._item_ids or newcomer_ids)
        if self._tracking_id and has_young and time.monotonic() - self._refreshed_at_s >= REFRESH_S:
            self._begin_refresh()
        young = np.concatenate((self._young, newcomers)) if len(newcomers) else self._young
        told_of, shown = self._told
        if told_of != newcomer_ids:
            shown = shown.first(len(self._young)).and_never(len(newcomers))
        return explore(
            scoring,
            k,
            allowed,
            weight=self._weight,
            young=young,
            shown=shown,
            recommendation_id=recommendation_id,
        )

    def remember_list(self, recommendation_id: str, item_ids: Iterable[str]) -> None:
        """Keep which young items a list holds, so that an event which names the list tells that they were shown."""
        young = [item_id for item_id in item_ids if item_id in self._all_ids]
        if not young or not self._tracking_id or time.monotonic() < self._quiet_until_s:
            return
        try:
            listed.remember_list(self._tracking_id, recommendation_id, young)
        except BackendUnavailable as error:
            self._quiet_until_s = time.monotonic() + REFRESH_S
            logger.warning("Lists are not remembered for now.", extra={"code": error.code})

    def refresh(self) -> None:
        """Learn how the young items and the newcomers do; what was known stays while Valkey does not answer."""
        newcomers = self._newcomers
        item_ids = (*self._item_ids, *newcomers)
        try:
            shown = showings.read_shown(self._tracking_id, item_ids)
            # None where Valkey has lost what it knew; an earlier model of the tracker had other young items.
            if shown is None or self._announced != newcomers:
                showings.announce_young(self._tracking_id, item_ids)
                self._announced = newcomers
            if shown is not None:
                self._told = newcomers, shown
        except BackendUnavailable as error:
            logger.warning("Exploration goes on with what it knows.", extra={"code": error.code})

    def _begin_refresh(self) -> None:
        """Refresh in a thread of its own, one at a time: no request waits for it."""
        if self._refreshing.acquire(blocking=False):
            self._refreshed_at_s = time.monotonic()
            threading.Thread(target=self._refresh_once, name="exploration", daemon=True).start()

    def _refresh_once(self) -> None:
        try:
            self.refresh()
        finally:
            self._refreshing.release()


def exploration_settings(exploration: Exploration) -> dict[str, float]:
    """Return a campaign's fields for its exploration.

    Raises:
        InvalidInput: a number is out of range; the message names it.
    """
    try:
        checked = ExplorationConfig(exploration.weight, exploration.age_cut_off_days)
    except InvalidHyperparameter as error:
        raise InvalidInput(str(error)) from error
    return {"exploration_weight": checked.weight, "exploration_age_cut_off_days": checked.age_cut_off_days}


def open_explorer(
    artifact: Artifact, tracking_id: str, campaign: Campaign, *, takes_newcomers: bool = False
) -> Explorer | None:
    """Return what explores a campaign's young items; None where there is nothing to explore.

    Args:
        artifact: what the campaign serves from.
        tracking_id: of its group; empty where it takes no events.
        campaign: how much it explores, and by which recipe.
        takes_newcomers: whether young items may come later, so that there is something to explore even without any.
    """
    histories, recipe = artifact.histories, campaign.solution_version.solution.recipe
    weight = campaign.exploration_weight
    if recipe.rpartition("/")[2] not in EXPLORING_RECIPES or not weight:
        return None
    young = NO_ITEMS
    if artifact.items is not None and histories is not None and len(histories.timestamps):
        young = find_young(
            artifact.items,
            count_events(histories, artifact.model.item_ids_),
            int(histories.timestamps.max()),
            campaign.exploration_age_cut_off_days,
        )
    if not len(young) and not takes_newcomers:
        return None
    item_ids = artifact.model.item_ids_
    return Explorer(tracking_id, weight, young, [item_ids[item] for item in young.tolist()])


def young_from(artifact: Artifact, age_cut_off_days: float) -> float:
    """Return the moment, epoch seconds, that an item must be younger than to be explored; -inf where no event is dated.

    Args:
        artifact: whose newest interaction tells the time of the training.
        age_cut_off_days: of the campaign.
    """
    histories = artifact.histories
    if histories is None or not len(histories.timestamps):
        return -math.inf
    return int(histories.timestamps.max()) - age_cut_off_days * DAY_S


def count_events(histories: UserHistories, item_ids: Sequence[str]) -> NDArray[np.intp]:
    """Return how many of the kept events are on each item of the model's catalogue, shape (n_items,)."""
    names = histories.item_ids.to_tuple()
    events = np.concatenate((histories.items, histories.older_items))
    counted = dict(zip(names, np.bincount(events, minlength=len(names)).tolist(), strict=True))
    return np.fromiter((counted.get(item_id, 0) for item_id in item_ids), np.intp, len(item_ids))
