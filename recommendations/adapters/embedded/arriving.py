"""Follows what is put since a training, behind the requests, so that the next answer knows it."""

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db import DatabaseError
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from recommendations.adapters.embedded.arrived import Arrived
from recommendations.adapters.embedded.connections import close_thread_connection
from recommendations.adapters.embedded.exploring import EXPLORING_RECIPES, count_events, young_from
from recommendations.adapters.embedded.following import FOLLOWER
from recommendations.adapters.embedded.imports import schema_of
from recommendations.adapters.embedded.records import news_of
from recommendations.adapters.embedded.streamed import to_metadata
from recommendations.engine.artifacts import Artifact
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.models.newcomers import Alike, Likeness
from recommendations.models.resources import Campaign, Dataset, StreamedRecord
from recommendations.ports import DatasetType

logger = logging.getLogger(__name__)

# What is put is told at once; whoever was not told, since Valkey was away, asks the tables after so many seconds.
LOOK_EVERY_S = 10.0
# After a look the thread rests for so many times as long as it took.
REST_SHARE = 2.0
# The newest records of a dataset that are held; the next training reads all.
MOST_HELD = 10_000
# New items whose likenesses are worked out before the first of them are answered with.
MOST_AT_ONCE = 200
# A record may be written so long after the moment that it bears.
LATE = timedelta(seconds=5)
# Whether items and users can be put into a campaign's group.
GROUP_TAKES_RECORDS = Exists(
    Dataset.objects.filter(
        dataset_group=OuterRef("solution_version__solution__dataset_group"),
        dataset_type__in=[DatasetType.ITEMS.value, DatasetType.USERS.value],
    )
)
# Those whose lists may hold items that no training knew: what explores, what relates and what ranks.
NEWCOMERS_RECIPES = EXPLORING_RECIPES | {"aws-similar-items", "aws-personalized-ranking"}


class Arrivals:
    """Follows what is put into the datasets of a campaign's group; threads share it.

    Args:
        artifact: what the campaign serves from.
        dataset_group_id: whose datasets of items and users; they may be made later.
        since: when its training was asked for; what was put before, it has read.
        takes_newcomers: whether new items are recommended; otherwise they wait for the next training.
        young_from_s: new items that were created by then, epoch seconds, are not explored.
    """

    def __init__(
        self,
        artifact: Artifact,
        dataset_group_id: int,
        since: datetime,
        *,
        takes_newcomers: bool,
        young_from_s: float = -math.inf,
    ) -> None:
        self._artifact = artifact
        self._young_from_s = young_from_s
        self._items = _Records(dataset_group_id, DatasetType.ITEMS, since)
        self._users = _Records(dataset_group_id, DatasetType.USERS, since)
        self._takes_newcomers = takes_newcomers
        self._alike: dict[str, tuple[Mapping[str, Any], Alike]] = {}
        self._arrived = Arrived(len(artifact.model.item_ids_))
        self._looked_at_s = time.monotonic()
        self._lock = threading.Lock()
        self._waking = threading.Lock()
        self._is_news = self._is_awake = False

    def arrived(self) -> Arrived:
        """Return what was put, as far as it is known here: nobody waits for a look at the tables."""
        if time.monotonic() - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = time.monotonic()
            self.look_soon()
        return self._arrived

    def look_soon(self) -> None:
        """Look in a thread that ends once nothing is new; asked often, it looks at its own pace."""
        with self._waking:
            self._is_news = True
            if not self._is_awake:
                threading.Thread(target=self._look_for_news, name="arrivals", daemon=True).start()
                self._is_awake = True

    def _look_for_news(self) -> None:
        while True:
            with self._waking:
                self._is_awake = self._is_news
                if not self._is_news:
                    return
                self._is_news = False
            began_s = time.monotonic()
            self.look()
            # Thousands that are put one after the other must leave requests their share of the processor.
            time.sleep(REST_SHARE * (time.monotonic() - began_s))

    def look(self, *, is_first: bool = False) -> None:
        """Learn what was put by now; what was known stays while PostgreSQL does not answer, or a record cannot be read.

        Args:
            is_first: leaves most of the work to a thread of its own where very many items were put.
        """
        with self._lock:
            is_done = True
            try:
                is_done = self._look_again()
                while not (is_done or is_first):
                    is_done = self._look_again()
            except DatabaseError as error:
                logger.warning("Answers go on with the items and users that are known.", extra={"error": str(error)})
            except Exception:
                # One bad record, or a dataset that is deleted meanwhile, must end neither this thread nor a request.
                logger.exception("What was put cannot be read.", extra={"code": "arrivals_failed"})
            finally:
                self._looked_at_s = time.monotonic() if is_done else -math.inf
                close_thread_connection()

    def _look_again(self) -> bool:
        """Read what is new, and work out what some new items are like; return whether that was all of them."""
        have_items_changed, have_users_changed = self._items.refresh(), self._users.refresh()
        arrived = self._arrived
        if have_users_changed:
            arrived = replace(arrived, users=self._users.to_metadata())
        if have_items_changed or self._waiting():
            arrived = self._arrange(arrived.users)
        self._arrived = arrived
        return not self._waiting()

    def _waiting(self) -> list[str]:
        """The new items whose likenesses are not worked out yet, or not since they were put anew."""
        if not self._takes_newcomers:
            return []
        return [
            id_
            for id_, (_, properties) in self._items.held.items()
            if id_ not in self._known_ids and self._alike.get(id_, (None,))[0] != properties
        ]

    def _arrange(self, users: Metadata | None) -> Arrived:
        known, held = self._known_ids, self._items.held
        self._find_alike(self._waiting()[-MOST_AT_ONCE:])
        self._alike = {id_: found for id_, found in self._alike.items() if id_ in held}
        new_ids = tuple(sorted(self._alike))
        number = {id_: len(known) + place for place, id_ in enumerate(new_ids)}
        changed = self._changed_ids()
        items = self._items.to_metadata(only={id_ for id_ in held if id_ in changed or id_ in number})
        places = [known[id_] if id_ in known else number[id_] for id_ in items.ids]
        alike = Alike.join([self._alike[id_][1] for id_ in new_ids])
        is_young = self._are_young(items, new_ids)
        return Arrived(len(known), new_ids, alike, items, np.array(places, np.intp), users, is_young)

    def _are_young(self, items: Metadata, new_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Which of the new items are explored; one without a date is as new as its record."""
        if items.created_at is None:
            return np.ones(len(new_ids), np.bool_)
        created_s = items.created_at[[items.find(id_) for id_ in new_ids]]
        young: NDArray[np.bool_] = (created_s == UNKNOWN_TIME) | (created_s > self._young_from_s)
        return young

    def _changed_ids(self) -> set[str]:
        """The items of the catalogue that are not what the training knew any more; the others cost requests nothing."""
        put = self._items.to_metadata(only={id_ for id_ in self._items.held if id_ in self._known_ids})
        known = self._artifact.items
        if known is None:
            return set(put.ids)
        rows = np.array([known.find(id_) for id_ in put.ids], np.intp)
        differs = (rows < 0) | put.differs_from(known.select(rows, put.ids))
        return {id_ for id_, is_other in zip(put.ids, differs.tolist(), strict=True) if is_other}

    def _find_alike(self, ids: list[str]) -> None:
        if not ids:
            return
        metadata = self._items.to_metadata(only=set(ids))
        found = self._likeness.find(metadata)
        for row, id_ in enumerate(metadata.ids):
            one = Alike(found.items[row : row + 1], found.weights[row : row + 1])
            self._alike[id_] = (self._items.held[id_][1], one)

    @cached_property
    def _known_ids(self) -> Mapping[str, int]:
        return {id_: place for place, id_ in enumerate(self._artifact.model.item_ids_)}

    @cached_property
    def _likeness(self) -> Likeness:
        item_ids, histories = self._artifact.model.item_ids_, self._artifact.histories
        n_events = count_events(histories, item_ids) if histories is not None else np.zeros(len(item_ids), np.intp)
        known = self._artifact.items
        return Likeness(known if known is not None else Metadata(item_ids), n_events)


class _Records:
    """The newest records that were put into one dataset of a group, by id, oldest first."""

    def __init__(self, dataset_group_id: int, dataset_type: DatasetType, since: datetime) -> None:
        self._of = {"dataset__dataset_group": dataset_group_id, "dataset__dataset_type": dataset_type}
        self._newest = since
        self._dataset_id = 0
        self._schema: Mapping[str, Any] = {}
        self.held: dict[str, tuple[datetime, Mapping[str, Any]]] = {}

    def refresh(self) -> bool:
        """Read what was put since the last time; return whether anything changed."""
        rows = StreamedRecord.objects.filter(**self._of, put_at__gte=self._newest - LATE)
        newest_first = rows.order_by("-put_at", "-pk").values_list("record_id", "put_at", "properties", "dataset_id")
        changed = False
        for id_, put_at, properties, dataset_id in reversed(list(newest_first[:MOST_HELD])):
            if dataset_id != self._dataset_id:
                # A dataset may be deleted with all it holds, and another made that has other columns.
                self._schema = schema_of(Dataset.objects.select_related("schema").get(pk=dataset_id))
                self._dataset_id = dataset_id
                self.held.clear()
            if self.held.get(id_) != (put_at, properties):
                self.held.pop(id_, None)
                self.held[id_] = (put_at, properties)
                self._newest = max(self._newest, put_at)
                changed = True
        while len(self.held) > MOST_HELD:
            del self.held[next(iter(self.held))]
        return changed

    def to_metadata(self, only: set[str] | None = None) -> Metadata:
        """Return what is held, or only some of it, as columns."""
        records = {id_: properties for id_, (_, properties) in self.held.items() if only is None or id_ in only}
        return to_metadata(records, self._schema) if records else Metadata(())


def open_arrivals(artifact: Artifact, campaign: Campaign) -> Arrivals | None:
    """Return what follows the items and users that are put; None where nobody can put any.

    Args:
        artifact: what the campaign serves from.
        campaign: with its version, solution and group, and annotated with GROUP_TAKES_RECORDS as `takes_records`.
    """
    if not getattr(campaign, "takes_records", False):
        return None
    version = campaign.solution_version
    takes_newcomers = version.solution.recipe.rpartition("/")[2] in NEWCOMERS_RECIPES
    group = version.solution.dataset_group_id
    arrivals = Arrivals(
        artifact,
        group,
        version.created_at,
        takes_newcomers=takes_newcomers,
        young_from_s=young_from(artifact, campaign.exploration_age_cut_off_days),
    )
    FOLLOWER.follow_news(news_of(group), arrivals)
    arrivals.look(is_first=True)
    return arrivals
