"""Products that changed: taken to the stream after the transaction that noted it, and put into campaigns from there."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from recommendations import conf, items
from recommendations.events.delivering import deliver
from recommendations.events.schema import ItemChanged
from recommendations.events.stream import EventStream
from recommendations.events.streams import open_stream
from recommendations.events.wire import encode_entries
from recommendations.exceptions import InvalidInput
from recommendations.ports import MAX_ITEMS_A_PUT, EventSink, Item

logger = logging.getLogger(__name__)

RELAY_LIMIT = 1000
# Puts into one group for one batch; the rest has its turn when the batch comes again, so that events are not held up.
MOST_PUTS = 200
REMEMBERED = 200_000

# The items of some ids as the catalogue has them now, those that campaigns are not told of left out.
ReadItems = Callable[[Sequence[str]], Sequence[Item]]


def relay(limit: int = RELAY_LIMIT, *, stream: EventStream | None = None) -> int:
    """Take the oldest changes to the stream, at least once each; several of one product go as the last of them.

    Args:
        limit: how many at most.
        stream: another than the shop's own, for tests.

    Returns:
        How many changes were taken.

    Raises:
        StreamUnavailable: out of reach or full; the changes stay.
    """
    waiting = items.waiting_changes(limit)
    if not waiting:
        return 0
    now = conf.now()
    last = {item_id: number for number, item_id in waiting}
    records = [ItemChanged(number, item_id, now) for item_id, number in last.items()]
    (stream or open_stream()).append(encode_entries(records))
    items.forget_changes([number for number, _ in waiting])
    return len(waiting)


class ItemForwarder:
    """Puts changed items into dataset groups, as they are now and not as they were when a change was noted.

    So it makes no difference how often changes come; of two consumers at once the later may put what was read earlier.

    Args:
        read_items: asked once a batch.
        pause_s: before the second try.
    """

    def __init__(self, *, read_items: ReadItems, pause_s: float) -> None:
        self._read_items = read_items
        self._pause_s = pause_s
        self._taken: OrderedDict[tuple[str, int], None] = OrderedDict()

    def read(self, changes: Iterable[ItemChanged]) -> dict[str, Item]:
        """Return the items that changed, by their ids."""
        changed = list(dict.fromkeys(change.item_id for change in changes))
        return {item.item_id: item for item in self._read_items(changed)} if changed else {}

    def forward(
        self, sink: EventSink, dataset_group_arn: str, changes: Sequence[ItemChanged], found: dict[str, Item]
    ) -> bool:
        """Put what changed into one group, ten items at a time; what it took is remembered.

        Args:
            sink: of the group's backend.
            dataset_group_arn: the group.
            changes: since its watermark.
            found: the items that changed, as they are now.

        Returns:
            Whether the group took all, or never will.
        """
        due = [change for change in changes if (dataset_group_arn, change.number) not in self._taken]
        due = [change for change in due if change.item_id in found]
        ids = list(dict.fromkeys(change.item_id for change in due))
        for start in range(0, min(len(ids), MOST_PUTS * MAX_ITEMS_A_PUT), MAX_ITEMS_A_PUT):
            some = ids[start : start + MAX_ITEMS_A_PUT]
            if not self._put(sink, dataset_group_arn, [found[item_id] for item_id in some]):
                return False
            taken = set(some)
            self._remember(dataset_group_arn, [change for change in due if change.item_id in taken])
        return len(ids) <= MOST_PUTS * MAX_ITEMS_A_PUT

    def _put(self, sink: EventSink, dataset_group_arn: str, put: list[Item]) -> bool:
        """Put some items; where one of them is refused, each by itself."""
        send = partial(sink.put_items, dataset_group_arn, put)
        try:
            return deliver(send, len(put), pause_s=self._pause_s, passed_on=(InvalidInput,) if len(put) > 1 else ())
        except InvalidInput:
            return all(self._put(sink, dataset_group_arn, [one]) for one in put)

    def _remember(self, dataset_group_arn: str, taken: Iterable[ItemChanged]) -> None:
        for change in taken:
            self._taken[dataset_group_arn, change.number] = None
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)


def read_items(item_ids: Sequence[str]) -> list[Item]:
    """The items of some ids as the catalogue has them now; those taken off are left out, as lists leave them out."""
    found = items.catalogue_items(item_ids)
    return [Item(item.item_id, item.properties) for item in found if item.is_known_to_campaigns]
