"""What events tell of items that were shown: by name, or by the list that they came from."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recommendations.adapters.embedded.arns import PREFIX
from recommendations.adapters.embedded.listed import read_lists
from recommendations.ports import ItemSeen

# A client's ids become ours in this space, so that telling the same again changes nothing.
IDS = uuid.uuid5(uuid.NAMESPACE_URL, PREFIX)


def list_id(event: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the id of the list that an event answers; None where it names none.

    Args:
        event: of a request, with an `eventId`; one that names items shown, and no list, is a list of its own.
    """
    source = event.get("recommendationId") or (event["eventId"] if event.get("impression") else "")
    return uuid.uuid5(IDS, source) if source else None


def items_seen(tracking_id: str, events: Sequence[Mapping[str, Any]]) -> list[ItemSeen]:
    """Return what was shown: the items that an event names, else those of the list that it names.

    Args:
        tracking_id: of the tracker that takes the events.
        events: of a request, each with an `eventId`.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    implicit = [each["recommendationId"] for each in events if "recommendationId" in each and "impression" not in each]
    lists = read_lists(tracking_id, list(dict.fromkeys(implicit)))
    return [seen for each in events for seen in _seen_by(each, lists)]


def _seen_by(event: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> Iterator[ItemSeen]:
    shown_in = list_id(event)
    if shown_in is None:
        return
    for item_id in event.get("impression") or lists.get(event["recommendationId"], ()):
        yield ItemSeen(uuid.uuid5(shown_in, item_id), item_id)
