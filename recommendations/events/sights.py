"""Which items were seen: impressions name a list and a rank, and the list names the item."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from recommendations.events.schema import Impression, Record, ServedList
from recommendations.models import RecommendationServed
from recommendations.ports import ItemSeen

# Lists come a moment before their impressions, and mostly through the same process.
LISTS_KEPT = 5_000

ReadLists = Callable[[Collection[UUID]], Mapping[UUID, Sequence[str]]]


class SightReader:
    """Reads the items that were seen out of batches of records; bounded, of one process.

    Args:
        read_lists: finds the items of lists by recommendation id.
    """

    def __init__(self, read_lists: ReadLists) -> None:
        self._read_lists = read_lists
        self._lists: OrderedDict[UUID, Sequence[str]] = OrderedDict()

    def read(self, records: Sequence[Record]) -> list[ItemSeen]:
        """Return what was seen; ranks beyond the end of their list, and of lists that nobody knows, are left out."""
        for record in records:
            if isinstance(record, ServedList):
                self._keep(record.recommendation_id, record.item_ids)
        seen = [record for record in records if isinstance(record, Impression)]
        missing = {one.recommendation_id for one in seen} - self._lists.keys()
        if missing:
            for recommendation_id, item_ids in self._read_lists(missing).items():
                self._keep(recommendation_id, item_ids)
        found = []
        for one in seen:
            item_ids = self._lists.get(one.recommendation_id, ())
            if 1 <= one.rank <= len(item_ids):
                found.append(ItemSeen(one.impression_id, item_ids[one.rank - 1]))
        return found

    def _keep(self, recommendation_id: UUID, item_ids: Sequence[str]) -> None:
        self._lists[recommendation_id] = item_ids
        while len(self._lists) > LISTS_KEPT:
            self._lists.popitem(last=False)


def read_served_lists(recommendation_ids: Collection[UUID]) -> Mapping[UUID, Sequence[str]]:
    """The items of served lists, as far as they are stored."""
    rows = RecommendationServed.objects.filter(recommendation_id__in=recommendation_ids)
    return dict(rows.values_list("recommendation_id", "item_ids"))
