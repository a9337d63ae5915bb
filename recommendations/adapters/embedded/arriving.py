"""What was put since a training: new items, and what is now known of items and users, known to the next answer."""

import hashlib
import logging
import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

import numpy as np
from django.db import DatabaseError
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from recommendations.adapters.embedded.connections import close_thread_connection
from recommendations.adapters.embedded.exploring import EXPLORING_RECIPES, count_events
from recommendations.adapters.embedded.following import FOLLOWER
from recommendations.adapters.embedded.imports import schema_of
from recommendations.adapters.embedded.records import news_of
from recommendations.adapters.embedded.streamed import to_metadata
from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.scoring import Scoring
from recommendations.engine.artifacts import Artifact
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.filters.expressions import Expression
from recommendations.engine.filters.masks import Asking, ItemFilter
from recommendations.engine.models.newcomers import Alike, Likeness, Widened
from recommendations.models.resources import Campaign, Dataset, StreamedRecord
from recommendations.ports import DatasetType

logger = logging.getLogger(__name__)

# What is put is told at once; whoever was not told, since Valkey was away, asks the tables after so many seconds.
LOOK_EVERY_S = 10.0
# The newest records of a dataset that are held; the next training reads all.
MOST_HELD = 10_000
# New items whose likenesses are worked out before the first of them are answered with.
MOST_AT_ONCE = 200
# A record may be written so long after the moment that it bears.
LATE = timedelta(seconds=5)
# Filters that are kept ready over the items that were put.
MOST_FILTERS = 16
# Whether items and users can be put into a campaign's group.
GROUP_TAKES_RECORDS = Exists(
    Dataset.objects.filter(
        dataset_group=OuterRef("solution_version__solution__dataset_group"),
        dataset_type__in=[DatasetType.ITEMS.value, DatasetType.USERS.value],
    )
)
# Those whose lists may hold items that no training knew: what explores, what relates and what ranks.
NEWCOMERS_RECIPES = EXPLORING_RECIPES | {"aws-similar-items", "aws-personalized-ranking"}


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """What was put, as of one moment.

    Attributes:
        n_items: of the catalogue that the model was trained on.
        new_ids: of the items beyond it; the j-th has the index n_items + j.
        alike: what the new items are like, in their order.
        items: all that is known of the items that were put, new or not.
        places: the index of each of those, shape (n_put,).
        users: what is known of the users that were put.
    """

    n_items: int
    new_ids: tuple[str, ...] = ()
    alike: Alike = field(default_factory=Alike.none)
    items: Metadata = field(default_factory=lambda: Metadata(()))
    places: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    users: Metadata | None = None
    filters: dict[Expression, ItemFilter] = field(default_factory=dict)
    _place_of: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        places = {id_: self.n_items + row for row, id_ in enumerate(self.new_ids)}
        object.__setattr__(self, "_place_of", places)

    def traits_of(self, user_id: str) -> Traits | None:
        """Return what a user was put with; None where nobody put this user."""
        return Traits.of(self.users, user_id)

    def widen(self, scoring: Scoring, recommendation_id: str) -> Scoring:
        """Return the scores with those of the new items."""
        if not self.new_ids:
            return scoring
        return Widened(scoring, self.n_items, self.alike, partial(_chance_of, recommendation_id))

    def places_of(self, item_ids: Iterable[str]) -> NDArray[np.intp]:
        """Return the indices of those ids that are of new items, in their order."""
        if not self.new_ids:
            return np.empty(0, np.intp)
        return np.array([self._place_of[item_id] for item_id in item_ids if item_id in self._place_of], np.intp)

    def likes_of(self, place: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the known items that the new one of an index is like, and how much it is like each."""
        row = place - self.n_items
        is_like = self.alike.weights[row] > 0
        return self.alike.items[row][is_like], self.alike.weights[row][is_like]

    @property
    def new_places(self) -> NDArray[np.intp]:
        """The indices of the new items, ascending, shape (n_new,)."""
        return np.arange(self.n_items, self.n_items + len(self.new_ids))

    def name(self, items: NDArray[np.intp], item_ids: Sequence[str]) -> list[str]:
        """Return the ids of items by their indices, over the catalogue's ids and the new ones."""
        n_items, new_ids = self.n_items, self.new_ids
        if not new_ids:
            return [item_ids[item] for item in items.tolist()]
        return [item_ids[item] if item < n_items else new_ids[item - n_items] for item in items.tolist()]

    def passing(self, item_filter: ItemFilter, item_ids: Sequence[str], asking: Asking) -> tuple[str, ...]:
        """Return those of some items that pass a filter by all that is known now, in their order."""
        put = [item_id for item_id in item_ids if self.items.find(item_id) >= 0]
        if not put or item_filter.expression.needs_item():
            return item_filter.passing(item_ids, asking)
        rest = item_filter.passing([item_id for item_id in item_ids if item_id not in set(put)], asking)
        passing = {*rest, *self._over(item_filter).passing(put, asking)}
        return tuple(item_id for item_id in item_ids if item_id in passing)

    def allowed(self, item_filter: ItemFilter, asking: Asking) -> NDArray[np.bool_]:
        """Return which items pass a filter by all that is known now, shape (n_items + n_new,)."""
        passing = item_filter.allowed(asking)
        # What is known of the current item lies with the catalogue's columns alone.
        if not len(self.places) or item_filter.expression.needs_item():
            return np.concatenate((passing, np.zeros(len(self.new_ids), np.bool_))) if self.new_ids else passing
        allowed = np.zeros(self.n_items + len(self.new_ids), np.bool_)
        allowed[: self.n_items] = passing
        allowed[self.places] = self._over(item_filter).allowed(asking)
        return allowed

    def _over(self, item_filter: ItemFilter) -> ItemFilter:
        known = self.filters.get(item_filter.expression)
        if known is None:
            known = item_filter.over(self.items.ids, self.items)
            while len(self.filters) >= MOST_FILTERS:
                self.filters.pop(next(iter(self.filters)), None)
            self.filters[item_filter.expression] = known
        return known


def _chance_of(recommendation_id: str) -> np.random.Generator:
    seed = hashlib.blake2b(recommendation_id.encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(seed))


class Arrivals:
    """Follows what is put into the datasets of a campaign's group; threads share it.

    Args:
        artifact: what the campaign serves from.
        dataset_group_id: whose datasets of items and users; they may be made later.
        since: when its training was asked for; what was put before, it has read.
        takes_newcomers: whether new items are recommended; otherwise they wait for the next training.
    """

    def __init__(self, artifact: Artifact, dataset_group_id: int, since: datetime, *, takes_newcomers: bool) -> None:
        self._artifact = artifact
        self._items = _Records(dataset_group_id, DatasetType.ITEMS, since)
        self._users = _Records(dataset_group_id, DatasetType.USERS, since)
        self._takes_newcomers = takes_newcomers
        self._alike: dict[str, tuple[Mapping[str, Any], Alike]] = {}
        self._arrived = Arrived(len(artifact.model.item_ids_))
        self._looked_at_s = time.monotonic()
        self._lock = threading.Lock()

    def arrived(self) -> Arrived:
        """Return what was put, as far as it is known here: nobody waits for a look at the tables."""
        if time.monotonic() - self._looked_at_s >= LOOK_EVERY_S and not self._lock.locked():
            self._looked_at_s = time.monotonic()
            threading.Thread(target=self.look, name="arrivals", daemon=True).start()
        return self._arrived

    def look(self, *, is_first: bool = False) -> None:
        """Learn what was put by now; what was known stays while PostgreSQL does not answer.

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
        items = self._items.to_metadata(only={id_ for id_ in held if id_ in known or id_ in number})
        places = [known[id_] if id_ in known else number[id_] for id_ in items.ids]
        alike = Alike.join([self._alike[id_][1] for id_ in new_ids])
        return Arrived(len(known), new_ids, alike, items, np.array(places, np.intp), users)

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
        self._schema: Mapping[str, Any] = {}
        self.held: dict[str, tuple[datetime, Mapping[str, Any]]] = {}

    def refresh(self) -> bool:
        """Read what was put since the last time; return whether anything changed."""
        rows = StreamedRecord.objects.filter(**self._of, put_at__gte=self._newest - LATE)
        newest_first = rows.order_by("-put_at", "-pk").values_list("record_id", "put_at", "properties", "dataset_id")
        changed = False
        for id_, put_at, properties, dataset_id in reversed(list(newest_first[:MOST_HELD])):
            if not self._schema:
                self._schema = schema_of(Dataset.objects.select_related("schema").get(pk=dataset_id))
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
    arrivals = Arrivals(artifact, group, version.created_at, takes_newcomers=takes_newcomers)
    FOLLOWER.follow_news(news_of(group), arrivals)
    arrivals.look(is_first=True)
    return arrivals
