"""PutItems: items by the names that the API gives their columns, to the dataset that a group has for them."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from recommendations.adapters.personalize.clients import events
from recommendations.adapters.personalize.groups import find_dataset
from recommendations.exceptions import InvalidInput, ResourceNotFound
from recommendations.ports import MAX_ITEMS_A_PUT, DatasetType, Item

# Groups whose dataset is remembered: a look for it is a request to the control plane, which allows few a second.
MOST_REMEMBERED = 64

_lock = threading.Lock()
_dataset_of: OrderedDict[str, str] = OrderedDict()


def put_items(dataset_group_arn: str, items: Sequence[Item]) -> None:
    """Send items in one request.

    Args:
        dataset_group_arn: whose Items dataset takes them.
        items: 1 to 10; of an item that is given twice the last is sent.

    Raises:
        ResourceNotFound: the group has no Items dataset, or is gone.
        RecommendationsError: as `adapters.aws.errors` translates.
    """
    if len(items) > MAX_ITEMS_A_PUT:
        raise InvalidInput(f"items has {len(items)} items: put at most {MAX_ITEMS_A_PUT} at once.")
    dataset_arn = _find_dataset(dataset_group_arn)
    last = {item.item_id: item for item in items}
    sent = [{"itemId": item.item_id, "properties": encode_properties(item.properties)} for item in last.values()]
    try:
        events("put_items", datasetArn=dataset_arn, items=sent)
    except ResourceNotFound:
        with _lock:
            _dataset_of.pop(dataset_group_arn, None)
        raise


def encode_properties(properties: Mapping[str, str | float | None]) -> str:
    """Return properties as JSON: CATEGORY_L1 is `categoryL1` there, and what is not known is left out.

    Source:
        Amazon Personalize API reference, Item: "The keys use camel case names that match the fields in the schema".
    """
    known = {_camel(name): value for name, value in properties.items() if value is not None}
    return json.dumps(known, ensure_ascii=False)


def _camel(column: str) -> str:
    first, *others = column.lower().split("_")
    return first + "".join(part.capitalize() for part in others)


def _find_dataset(dataset_group_arn: str) -> str:
    with _lock:
        known = _dataset_of.get(dataset_group_arn)
    if known is not None:
        return known
    found = find_dataset(dataset_group_arn, DatasetType.ITEMS)
    if found is None:
        raise ResourceNotFound(f"dataset_group_arn == {dataset_group_arn!r}: the group has no Items dataset.")
    with _lock:
        _dataset_of[dataset_group_arn] = found
        while len(_dataset_of) > MOST_REMEMBERED:
            _dataset_of.popitem(last=False)
    return found
